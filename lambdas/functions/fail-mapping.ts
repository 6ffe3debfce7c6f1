import { failMappingInputSchema } from '../model/mapping-steps.ts';
import { findProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { failMapping } from '../steps/check-mappings.ts';
import { openControl, openMapping } from '../store/open-stores.ts';

const environment = readEnvironment('fail-mapping');
const stores = { ...openControl(environment), ...openMapping(environment) };

/** State FailMapping: a run that broke gives the reference's mapping free. */
export const handler = stepHandler('fail-mapping', failMappingInputSchema, (input) =>
  failMapping(stores, input, findProcess),
);
