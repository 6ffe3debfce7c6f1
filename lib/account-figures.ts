import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { alarmAboveZero, largestOf } from './alarm.ts';
import type { DataTables } from './data-tables.ts';
import type { EndEvents } from './end-events.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { Stage } from './stage.ts';

export interface AccountFiguresProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly endEvents: EndEvents;
}

/** What each action came to becomes part of its account's figures, and is measured: by its event, off its way. */
export class AccountFigures extends Construct {
  constructor(scope: Construct, id: string, { stage, tables, endEvents }: AccountFiguresProps) {
    super(scope, id);
    const countAction = new RollcallFunction(this, {
      stage,
      name: 'count-action',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        METRICS_BY_ACCOUNT: String(stage.settings.metricsByAccount),
      },
    });
    tables.control.allow(countAction, 'get', 'update');
    const uncounted = this.uncountedEnds();
    countAction.configureAsyncInvoke({
      onFailure: new SqsDestination(uncounted),
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
    });
    new events.Rule(this, 'ActionEnded', {
      description: "An action has ended and belongs into its account's figures.",
      eventPattern: endEvents.pattern,
      targets: [
        new targets.LambdaFunction(countAction, {
          deadLetterQueue: uncounted,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }

  private uncountedEnds(): sqs.Queue {
    const queue = new sqs.Queue(this, 'UncountedEnds', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(queue, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself, of the rule and of count-action.');
    alarmAboveZero(this, 'EndsUncounted', {
      description:
        "An action ended and count-action could not be told, or failed on it: its account's figures lack it.",
      runbook: 'ends-uncounted',
      metric: queue.metricApproximateNumberOfMessagesVisible(largestOf(Duration.minutes(5))),
      periods: 1,
    });
    return queue;
  }
}
