import { executionInputSchema } from '../model/steps.ts';
import { findProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { writeReport } from '../steps/write-report.ts';
import { openBucket, openControl } from '../store/open-stores.ts';

const environment = readEnvironment('write-report');
const stores = { ...openControl(environment), ...openBucket(environment) };

/** State WriteReport: every input row once, in input order. */
export const handler = stepHandler('write-report', executionInputSchema, (input) =>
  writeReport(stores, input, findProcess),
);
