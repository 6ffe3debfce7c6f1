import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface AlarmProps {
  /** What it means and what to do. */
  readonly description: string;
  readonly metric: cloudwatch.IMetric;
  /** Alarm when the metric is above zero in so many periods running. */
  readonly periods: number;
}

/** An alarm that rings when something that should be zero is not, and is quiet when nothing is measured. */
export function alarmAboveZero(scope: Construct, id: string, { description, metric, periods }: AlarmProps): void {
  new cloudwatch.Alarm(scope, id, {
    alarmDescription: description,
    metric,
    threshold: 0,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}

/** The largest value of a period, for what counts things that lie around. */
export function largestOf(period: Duration): cloudwatch.MetricOptions {
  return { period, statistic: cloudwatch.Stats.MAXIMUM };
}
