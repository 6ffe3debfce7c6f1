import { identifyInputSchema } from '../model/steps.ts';
import { requireProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { identifyChunk } from '../steps/identify-chunk.ts';
import { openBucket, openControl, openMapping, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('identify-chunk');
const stores = {
  ...openControl(environment),
  ...openTracking(environment),
  ...openMapping(environment),
  ...openBucket(environment),
};

/** Map IdentifyChunks: which rows are new, and which boundaries they are wanted at. */
export const handler = stepHandler('identify-chunk', identifyInputSchema, (input) =>
  identifyChunk(stores, input, requireProcess),
);
