import { undoInputSchema } from '../model/undo-steps.ts';
import { requireProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { undoRows } from '../steps/undo-rows.ts';
import { openBucket, openControl, openJournal, openMapping, openRegistry, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('undo-rows');
const stores = {
  ...openControl(environment),
  ...openTracking(environment),
  ...openMapping(environment),
  ...openRegistry(environment),
  ...openJournal(environment),
  ...openBucket(environment),
};

/** State UndoRows: some chunks' entities become what they were before. */
export const handler = stepHandler('undo-rows', undoInputSchema, (input, { remainingMs }) =>
  undoRows(stores, input, { processOf: requireProcess, remainingMs }),
);
