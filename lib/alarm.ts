import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface AlarmProps {
  /** What it means, in a sentence or two. */
  readonly description: string;
  /** The section of docs/runbook.md that says how to see it and what to do. */
  readonly runbook: string;
  readonly metric: cloudwatch.IMetric;
  /** Alarm when the metric is above this; 0 by default. */
  readonly threshold?: number;
  /** Alarm when it is so in so many periods running. */
  readonly periods: number;
}

/** An alarm that rings when something is more than it should be, and is quiet when nothing is measured. */
export function alarmAbove(scope: Construct, id: string, props: AlarmProps): void {
  const { description, runbook, metric, threshold = 0, periods } = props;
  new cloudwatch.Alarm(scope, id, {
    alarmDescription: `${description} What to do: docs/runbook.md#${runbook}`,
    metric,
    threshold,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}

/** An alarm that rings when something that should be zero is not. */
export function alarmAboveZero(scope: Construct, id: string, props: Omit<AlarmProps, 'threshold'>): void {
  alarmAbove(scope, id, props);
}

/** The largest value of a period, for what counts things that lie around. */
export function largestOf(period: Duration): cloudwatch.MetricOptions {
  return { period, statistic: cloudwatch.Stats.MAXIMUM };
}
