import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { DataTables } from './data-tables.ts';

const period = Duration.minutes(5);

/** Reads and writes that DynamoDB refused, over all tables. */
export function tableThrottles({ tracking, mapping, control, registry }: DataTables): cloudwatch.IMetric {
  const throttled = Object.entries({ tracking, mapping, control, registry }).flatMap(([name, table]) =>
    ['Read', 'Write'].map((kind): [string, cloudwatch.IMetric] => [
      `${name}${kind}`,
      table.metric(`${kind}ThrottleEvents`, { statistic: cloudwatch.Stats.SUM, period }),
    ]),
  );
  return new cloudwatch.MathExpression({
    expression: 'SUM(METRICS())',
    usingMetrics: Object.fromEntries(throttled),
    label: 'reads and writes refused by tables',
    period,
  });
}

/**
 * Invocations that Lambda refused: without a dimension those of all functions of the AWS account in the region, which
 * share the limit that matters.
 */
export function functionThrottles(): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Throttles',
    statistic: cloudwatch.Stats.SUM,
    period,
  });
}
