import { executionInputSchema } from '../model/steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { claimReference } from '../steps/claim-reference.ts';
import { openBucket, openControl } from '../store/open-stores.ts';

const environment = readEnvironment('claim-reference');
const stores = { ...openControl(environment), ...openBucket(environment) };

/** State ClaimReference: one action of a reference and process at a time. */
export const handler = stepHandler('claim-reference', executionInputSchema, (input) => claimReference(stores, input));
