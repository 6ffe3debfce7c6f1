import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmAboveZero, largestOf } from './alarm.ts';
import { batchQueue } from './batch-queue.ts';
import type { DataTables } from './data-tables.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';

export interface BatchProcessingProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
}

/** Turns batches of rows into entities; batches that can't be are drained, so that their rows still get an answer. */
export class BatchProcessing extends Construct {
  /** Takes the batches. */
  readonly queue: sqs.Queue;
  /** Takes the batches that no delivery got through, also those of services outside. */
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, props: BatchProcessingProps) {
    super(scope, id);
    const { batchDeliveries, batchTimeoutSeconds } = props.stage.settings;
    // A message that moves here keeps the age that it has, so the days here must exceed those of the batch queue.
    this.deadLetters = batchQueue(this, 'DeadLetters', batchTimeoutSeconds, { retentionPeriod: Duration.days(14) });
    this.queue = batchQueue(this, 'Batches', batchTimeoutSeconds, {
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: batchDeliveries },
    });
    this.processBatches(props);
    this.drainDeadLetters(props);
  }

  private processBatches({ stage, tables, sheets }: BatchProcessingProps): void {
    const { batchConcurrency, batchDeliveries, batchesPerInvocation } = stage.settings;
    const processBatch = new RollcallFunction(this, {
      stage,
      name: 'process-batch',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        TRACKING_TABLE: tables.tracking.tableName,
        REGISTRY_TABLE: tables.registry.tableName,
        SHEET_BUCKET: sheets.bucketName,
        BATCH_QUEUE_URL: this.queue.queueUrl,
        BATCH_DELIVERIES: String(batchDeliveries),
        REPORT_DAYS: String(stage.settings.reportDays),
        METRICS_BY_ACCOUNT: String(stage.settings.metricsByAccount),
      },
    });
    tables.control.allow(processBatch, 'get', 'query', 'put', 'update');
    tables.tracking.allow(processBatch, 'read', 'update', 'insertStatements', 'updateStatements');
    tables.registry.allow(processBatch, 'read', 'insertStatements', 'updateStatements', 'deleteStatements');
    sheets.allowRead(processBatch, 'chunks');
    // What entities were before they changed.
    sheets.allowLookup(processBatch, 'journal');
    sheets.allowWrite(processBatch, 'journal');
    processBatch.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: batchesPerInvocation,
        maxConcurrency: batchConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    alarmAboveZero(this, 'ProcessBatchErrors', {
      description:
        'process-batch dies again and again: it runs out of time or memory, or cannot start. Its log says which; batches come back until they are dead letters.',
      runbook: 'batch-functions-die',
      metric: processBatch.metricErrors({ period: Duration.minutes(5) }),
      periods: 2,
    });
  }

  private drainDeadLetters({ stage, tables, sheets }: BatchProcessingProps): void {
    const drain = new RollcallFunction(this, {
      stage,
      name: 'drain-dead-letters',
      environment: {
        METRICS_BY_ACCOUNT: String(stage.settings.metricsByAccount),
        CONTROL_TABLE: tables.control.tableName,
        TRACKING_TABLE: tables.tracking.tableName,
        SHEET_BUCKET: sheets.bucketName,
        REPORT_DAYS: String(stage.settings.reportDays),
      },
    });
    tables.control.allow(drain, 'get', 'query', 'put', 'update');
    tables.tracking.allow(drain, 'read', 'update', 'insertStatements');
    sheets.allowRead(drain, 'chunks');
    drain.addEventSource(new SqsEventSource(this.deadLetters, { batchSize: 1, reportBatchItemFailures: true }));
    alarmAboveZero(this, 'DeadLettersNotDrained', {
      description:
        'Dead letters stay although drain-dead-letters takes them: it fails on them. Its log says why; their rows end as unprocessed at the deadline of their action.',
      runbook: 'dead-letters-stay',
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible(largestOf(Duration.minutes(5))),
      periods: 3,
    });
  }
}
