import { checkMappingsInputSchema } from '../model/mapping-steps.ts';
import { findProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { checkMappings } from '../steps/check-mappings.ts';
import { openControl, openMapping } from '../store/open-stores.ts';

const environment = readEnvironment('check-mappings');
const stores = { ...openControl(environment), ...openMapping(environment) };
const patience = { cycles: environment.MAPPING_CYCLES, waitSeconds: environment.MAPPING_WAIT_SECONDS };

/** State CheckMappings: is anything left, and is another cycle of use? */
export const handler = stepHandler('check-mappings', checkMappingsInputSchema, (input) =>
  checkMappings(stores, input, patience, findProcess),
);
