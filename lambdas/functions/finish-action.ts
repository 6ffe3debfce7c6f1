import { executionInputSchema } from '../model/steps.ts';
import { findProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { finishAction } from '../steps/finish-action.ts';
import { openBus, openControl } from '../store/open-stores.ts';

const environment = readEnvironment('finish-action');
const stores = { ...openControl(environment), ...openBus(environment) };

/** State FinishAction: the verdict, the claim given back, the world told. */
export const handler = stepHandler('finish-action', executionInputSchema, (input) =>
  finishAction(stores, input, findProcess),
);
