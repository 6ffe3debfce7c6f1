import { reviveInputSchema } from '../model/steps.ts';
import { requireProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { reviveRows } from '../steps/revive-rows.ts';
import { openBucket, openControl, openMapping, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('revive-rows');
const stores = {
  ...openControl(environment),
  ...openTracking(environment),
  ...openMapping(environment),
  ...openBucket(environment),
};

/** State ReviveRows: takes up what earlier actions left, and plans the dispatch. */
export const handler = stepHandler('revive-rows', reviveInputSchema, (input) =>
  reviveRows(stores, input, requireProcess, environment.BATCH_ROWS),
);
