import { Duration, Stack } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmAboveZero } from './alarm.ts';
import { batchQueue } from './batch-queue.ts';
import type { DataTables } from './data-tables.ts';
import { pascalCase } from './pascal-case.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';

export interface OutsideBatchesProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  /** Takes what no delivery got through. */
  readonly deadLetters: sqs.IQueue;
}

/**
 * Turns batches of rows into entities in services outside. Each service has a queue of its own: behind a slow one
 * nobody waits but its own batches.
 */
export class OutsideBatches extends Construct {
  /** The queue of each process whose entities live outside, by processName. */
  readonly queueOfProcess: Readonly<Record<string, sqs.Queue>>;
  /** The queue of each service, by `{service}-batches`. */
  readonly queueOfService: Readonly<Record<string, sqs.Queue>>;

  constructor(scope: Construct, id: string, props: OutsideBatchesProps) {
    super(scope, id);
    const { services, processes } = props.stage.settings.services;
    const queueOfService = new Map(
      services.filter(({ entities }) => entities).map(({ name }) => [name, this.queueOf(name, props)]),
    );
    this.queueOfService = Object.fromEntries([...queueOfService].map(([name, queue]) => [`${name}-batches`, queue]));
    this.queueOfProcess = Object.fromEntries(
      Object.entries(processes).flatMap(([processName, { entities }]) => {
        const queue = queueOfService.get(entities ?? '');
        return queue ? [[processName, queue]] : [];
      }),
    );
    this.processBatches(props);
  }

  /** `{processName: queueUrl}` as JSON, for those who send or receive. */
  get urls(): string {
    const urls = Object.entries(this.queueOfProcess).map(([processName, { queueUrl }]) => [processName, queueUrl]);
    return Stack.of(this).toJsonString(Object.fromEntries(urls));
  }

  private queueOf(service: string, { stage, deadLetters }: OutsideBatchesProps): sqs.Queue {
    const { outsideDeliveries, outsideTimeoutSeconds } = stage.settings;
    return batchQueue(this, `${pascalCase(service)}Batches`, outsideTimeoutSeconds, {
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: outsideDeliveries },
    });
  }

  private processBatches({ stage, tables, sheets }: OutsideBatchesProps): void {
    const { services, outsideConcurrency, outsideDeliveries, batchesPerInvocation } = stage.settings;
    const processBatch = new RollcallFunction(this, {
      stage,
      services,
      name: 'process-outside-batch',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        TRACKING_TABLE: tables.tracking.tableName,
        SHEET_BUCKET: sheets.bucketName,
        OUTSIDE_QUEUES: this.urls,
        BATCH_DELIVERIES: String(outsideDeliveries),
        REPORT_DAYS: String(stage.settings.reportDays),
        METRICS_BY_ACCOUNT: String(stage.settings.metricsByAccount),
      },
    });
    tables.control.allow(processBatch, 'get', 'query', 'put', 'update');
    tables.tracking.allow(processBatch, 'read', 'update', 'insertStatements', 'updateStatements');
    sheets.allowRead(processBatch, 'chunks');
    for (const queue of Object.values(this.queueOfService)) {
      // What a service did not take now goes back into its queue.
      queue.grant(processBatch, 'sqs:SendMessage');
      processBatch.addEventSource(
        new SqsEventSource(queue, {
          batchSize: batchesPerInvocation,
          maxConcurrency: outsideConcurrency,
          reportBatchItemFailures: true,
        }),
      );
    }
    alarmAboveZero(this, 'ProcessOutsideBatchErrors', {
      description:
        'process-outside-batch dies again and again: it runs out of time or memory, or cannot start. Its log says which; batches come back until they are dead letters.',
      runbook: 'batch-functions-die',
      metric: processBatch.metricErrors({ period: Duration.minutes(5) }),
      periods: 2,
    });
  }
}
