import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Stage } from './stage.ts';

/** The namespace of what Rollcall itself measures; docs/operations.md lists it. */
export const metricsNamespace = 'Rollcall';

/** What Rollcall's own metrics are told apart by, besides what each has of its own: stages may share an AWS account. */
export function serviceName({ name }: Pick<Stage, 'name'>): string {
  return `rollcall-${name}`;
}

/** One of Rollcall's own metrics over a whole stage, summed over five minutes. */
export function ownMetric(stage: Stage, metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { service: serviceName(stage) },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(5),
  });
}

/** The sum over all accounts and processes of a metric that is told apart by them; for dashboards, not for alarms. */
export function ownSum(stage: Stage, metricName: string, label: string): cloudwatch.MathExpression {
  const series = `{${metricsNamespace},service,process} service="${serviceName(stage)}" MetricName="${metricName}"`;
  return new cloudwatch.MathExpression({
    expression: `SUM(SEARCH('${series}', 'Sum', 300))`,
    usingMetrics: {},
    label,
    period: Duration.minutes(5),
  });
}
