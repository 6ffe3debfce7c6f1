import { identifyInputSchema } from '../model/steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { identifyChunk } from '../steps/identify-chunk.ts';
import { openBucket, openControl, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('identify-chunk');
const stores = { ...openControl(environment), ...openTracking(environment), ...openBucket(environment) };

/** Map IdentifyChunks: which rows are new. */
export const handler = stepHandler('identify-chunk', identifyInputSchema, (input) => identifyChunk(stores, input));
