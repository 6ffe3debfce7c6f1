import { executionInputSchema } from '../model/steps.ts';
import { findProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { enterMapping } from '../steps/enter-mapping.ts';
import { openControl } from '../store/open-stores.ts';

const stores = openControl(readEnvironment('enter-mapping'));

/** State EnterMapping: is this action the one that maps its reference? */
export const handler = stepHandler('enter-mapping', executionInputSchema, (input) =>
  enterMapping(stores, input, findProcess),
);
