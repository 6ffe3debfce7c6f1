import { Metrics } from '@aws-lambda-powertools/metrics';
import type { FunctionName } from '../model/environments.ts';

export { MetricUnit } from '@aws-lambda-powertools/metrics';

const functionMetrics = new Map<FunctionName, Metrics>();

/**
 * The function's metrics, written as EMF log lines when its handler ends. Namespace and service come from the
 * environment. One instance a function, shared by its code and its handler stack.
 */
export function createMetrics(name: FunctionName): Metrics {
  const known = functionMetrics.get(name);
  if (known) return known;
  const metrics = new Metrics({ functionName: name });
  functionMetrics.set(name, metrics);
  return metrics;
}
