import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { alarmAboveZero, largestOf } from './alarm.ts';
import type { BulkActionMachine } from './bulk-action-machine.ts';
import type { DataTables } from './data-tables.ts';
import type { EndEvents } from './end-events.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';

export interface SheetArrivalProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  readonly bulkAction: BulkActionMachine;
  readonly endEvents: EndEvents;
}

/** A new object under `uploads/` or `inbox/` starts its action. */
export class SheetArrival extends Construct {
  constructor(scope: Construct, id: string, props: SheetArrivalProps) {
    super(scope, id);
    const undelivered = this.undeliveredEvents();
    const startAction = this.startAction(props);
    startAction.configureAsyncInvoke({
      onFailure: new SqsDestination(undelivered),
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
    });
    new events.Rule(this, 'SheetArrived', {
      description: 'A sheet was uploaded, or dropped in an inbox.',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [props.sheets.bucketName] },
          object: { key: [{ prefix: 'uploads/' }, { prefix: 'scheduled/' }, { prefix: 'inbox/' }] },
        },
      },
      targets: [
        new targets.LambdaFunction(startAction, {
          deadLetterQueue: undelivered,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }

  private startAction({ stage, tables, sheets, bulkAction, endEvents }: SheetArrivalProps) {
    const startAction = new RollcallFunction(this, {
      stage,
      name: 'start-action',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        SHEET_BUCKET: sheets.bucketName,
        BULK_ACTION_MACHINE_ARN: bulkAction.machine.stateMachineArn,
        ...endEvents.environment,
        MAX_UPLOAD_BYTES: String(stage.settings.maxUploadBytes),
        DEADLINE_SECONDS: String(stage.settings.deadlineSeconds),
      },
    });
    tables.control.allow(startAction, 'read', 'write');
    bulkAction.allowStart(startAction);
    endEvents.allowTell(startAction);
    return startAction;
  }

  private undeliveredEvents(): sqs.Queue {
    const queue = new sqs.Queue(this, 'UndeliveredEvents', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(queue, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself, of the rule and of start-action.');
    alarmAboveZero(this, 'EventsUndelivered', {
      description:
        'A sheet arrived and start-action could not be told, or failed on it. The queue holds the events; an upload is found by the sweep, a sheet in an inbox has to be dropped again.',
      runbook: 'sheets-undelivered',
      metric: queue.metricApproximateNumberOfMessagesVisible(largestOf(Duration.minutes(5))),
      periods: 1,
    });
    return queue;
  }
}
