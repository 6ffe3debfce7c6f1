import type { FunctionName } from '../model/environments.ts';
import { createLogger } from './logger.ts';
import { createMetrics, MetricUnit } from './metrics.ts';

/** Counts and logs that an action does not move any more, when a step has found so. Answers with what the step did. */
export function noteStall<Result extends { readonly outcome: string }>(name: FunctionName, result: Result): Result {
  if (result.outcome === 'stalled') {
    createLogger(name).warn('The action is stalled');
    createMetrics(name).addMetric('ActionsStalled', MetricUnit.Count, 1);
  }
  return result;
}
