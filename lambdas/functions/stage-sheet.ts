import { executionInputSchema } from '../model/steps.ts';
import { requireProcess } from '../processes/registry.ts';
import { defaultLimits } from '../runtime/default-limits.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { expectShortLivedObjects } from '../runtime/short-lived-objects.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { RowCharger } from '../steps/charge-rows.ts';
import { stageSheet } from '../steps/stage-sheet.ts';
import { openAccounts, openBucket, openControl, openRegistry } from '../store/open-stores.ts';

expectShortLivedObjects();
const environment = readEnvironment('stage-sheet');
const charger = new RowCharger(openAccounts(environment), defaultLimits(environment));
const stores = { ...openControl(environment), ...openBucket(environment), ...openRegistry(environment), charger };

/** State StageSheet: the sheet becomes numbered, validated chunks. */
export const handler = stepHandler('stage-sheet', executionInputSchema, (input) =>
  stageSheet(stores, input, requireProcess),
);
