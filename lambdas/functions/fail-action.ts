import { failInputSchema } from '../model/steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { createMetrics, MetricUnit } from '../runtime/metrics.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { failAction } from '../steps/fail-action.ts';
import { openBucket, openBus, openControl } from '../store/open-stores.ts';

const environment = readEnvironment('fail-action');
const stores = { ...openControl(environment), ...openBucket(environment), ...openBus(environment) };

/** States FailAction and AbandonAction: an execution that broke still answers for its rows. */
export const handler = stepHandler('fail-action', failInputSchema, async (input) => {
  const result = await failAction(stores, input);
  if (input.abandon) createMetrics('fail-action').addMetric('ActionsAbandoned', MetricUnit.Count, 1);
  return result;
});
