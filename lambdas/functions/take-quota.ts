import { executionInputSchema } from '../model/steps.ts';
import { defaultLimits } from '../runtime/default-limits.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { createMetrics, MetricUnit } from '../runtime/metrics.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { RowCharger } from '../steps/charge-rows.ts';
import { takeQuota } from '../steps/take-quota.ts';
import { openAccounts, openControl } from '../store/open-stores.ts';

const environment = readEnvironment('take-quota');
const charger = new RowCharger(openAccounts(environment), defaultLimits(environment));
const { actions } = openControl(environment);

/** State TakeQuota: the action's rows are charged to its account, as many as there is room for. */
export const handler = stepHandler('take-quota', executionInputSchema, async (input) => {
  const result = await takeQuota({ actions, charger }, input);
  if (result.outcome === 'wait') createMetrics('take-quota').addMetric('QuotaWaits', MetricUnit.Count, 1);
  return result;
});
