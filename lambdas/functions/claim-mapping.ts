import { mappingRunInputSchema } from '../model/mapping-steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { claimMapping } from '../steps/claim-mapping.ts';
import { openControl, openMappingExecutions } from '../store/open-stores.ts';

const environment = readEnvironment('claim-mapping');
const stores = { ...openControl(environment), ...openMappingExecutions(environment) };

/** State ClaimMapping: one mapping run of a reference at a time. */
export const handler = stepHandler('claim-mapping', mappingRunInputSchema, (input) => claimMapping(stores, input));
