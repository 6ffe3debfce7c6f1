import { mappingRunInputSchema } from '../model/mapping-steps.ts';
import { findProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { collectMappings } from '../steps/collect-mappings.ts';
import { openBucket, openControl, openMapping } from '../store/open-stores.ts';

const environment = readEnvironment('collect-mappings');
const stores = { ...openControl(environment), ...openMapping(environment), ...openBucket(environment) };

/** State CollectMappings: what is to be attached and detached, in lists. */
export const handler = stepHandler('collect-mappings', mappingRunInputSchema, (input) =>
  collectMappings(stores, input, findProcess),
);
