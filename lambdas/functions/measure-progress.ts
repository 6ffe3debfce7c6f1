import { measureInputSchema } from '../model/steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { noteStall } from '../runtime/note-stall.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { measureProgress } from '../steps/measure-progress.ts';
import { openControl } from '../store/open-stores.ts';

const environment = readEnvironment('measure-progress');
const { actions } = openControl(environment);
const times = { settleSeconds: environment.SETTLE_SECONDS, stallSeconds: environment.STALL_SECONDS };

/** State MeasureProgress: how far the batches are, and how long to wait. */
export const handler = stepHandler('measure-progress', measureInputSchema, async (input) =>
  noteStall('measure-progress', await measureProgress(actions, input, times)),
);
