import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { type AlarmProps, alarmAboveZero, largestOf } from './alarm.ts';

export interface LastResortProps {
  /** Whose dead letters come here, e.g. `the schedules`. */
  readonly of: string;
  /** What it means that there are any, to whoever gets the alarm. */
  readonly alarm: Pick<AlarmProps, 'description' | 'runbook'> & { readonly id: string };
}

/** A queue that takes what could not be done for good, keeps it for two weeks, and rings. */
export function lastResort(scope: Construct, id: string, { of, alarm }: LastResortProps): sqs.Queue {
  const queue = new sqs.Queue(scope, id, {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(queue, 'AwsSolutions-SQS3', `It is a dead-letter queue itself, of ${of}.`);
  alarmAboveZero(scope, alarm.id, {
    description: alarm.description,
    runbook: alarm.runbook,
    metric: queue.metricApproximateNumberOfMessagesVisible(largestOf(Duration.minutes(5))),
    periods: 1,
  });
  return queue;
}
