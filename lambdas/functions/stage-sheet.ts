import { executionInputSchema } from '../model/steps.ts';
import { requireProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { stageSheet } from '../steps/stage-sheet.ts';
import { openBucket, openControl, openRegistry } from '../store/open-stores.ts';

const environment = readEnvironment('stage-sheet');
const stores = { ...openControl(environment), ...openBucket(environment), ...openRegistry(environment) };

/** State StageSheet: the sheet becomes numbered, validated chunks. */
export const handler = stepHandler('stage-sheet', executionInputSchema, (input) =>
  stageSheet(stores, input, requireProcess),
);
