import type { Command } from '../command.ts';
import { actions } from './actions.ts';
import { cancel } from './cancel.ts';
import { keys } from './keys.ts';
import { logs } from './logs.ts';
import { preview } from './preview.ts';
import { processes } from './processes.ts';
import { report } from './report.ts';
import { retry } from './retry.ts';
import { run } from './run.ts';
import { show } from './show.ts';
import { stats } from './stats.ts';
import { template } from './template.ts';
import { undo } from './undo.ts';
import { upload } from './upload.ts';
import { watch } from './watch.ts';

/** Every command, in the order in which people meet them. */
export const commands: readonly Command[] = [
  preview,
  run,
  upload,
  watch,
  report,
  actions,
  show,
  logs,
  stats,
  cancel,
  retry,
  undo,
  processes,
  template,
  keys,
];
