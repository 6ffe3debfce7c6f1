import { settleInputSchema } from '../model/steps.ts';
import { requireProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { settleChunk } from '../steps/settle-chunk.ts';
import { openBucket, openControl, openTracking, openWritten } from '../store/open-stores.ts';

const environment = readEnvironment('settle-chunk');
const stores = {
  ...openControl(environment),
  ...openTracking(environment),
  ...openWritten(environment),
  ...openBucket(environment),
};

/** Maps SettleChunks, SettleFinal and SettleRejected: each row's answer, from the tracking table. */
export const handler = stepHandler('settle-chunk', settleInputSchema, (input) =>
  settleChunk(stores, input, requireProcess),
);
