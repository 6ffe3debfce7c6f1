import { dispatchInputSchema } from '../model/steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { dispatchChunk } from '../steps/dispatch-chunk.ts';
import { openBucket, openControl, openQueues } from '../store/open-stores.ts';

const environment = readEnvironment('dispatch-chunk');
const stores = { ...openControl(environment), ...openBucket(environment), ...openQueues(environment) };

/** Map DispatchChunks: pending rows go to the batch queue. */
export const handler = stepHandler('dispatch-chunk', dispatchInputSchema, (input) => dispatchChunk(stores, input));
