import { settleInputSchema } from '../model/steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { settleChunk } from '../steps/settle-chunk.ts';
import { openBucket, openControl, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('settle-chunk');
const stores = { ...openControl(environment), ...openTracking(environment), ...openBucket(environment) };

/** Maps SettleChunks, SettleFinal and SettleRejected: each row's answer, from the tracking table. */
export const handler = stepHandler('settle-chunk', settleInputSchema, (input) => settleChunk(stores, input));
