import { Stack } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '../lambdas/model/environments.ts';
import { type DataTables, openActionsIndex } from './data-tables.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';

export interface InsightFunctionsProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  /** The queues whose lengths are told, by name. */
  readonly watchedQueues: Readonly<Record<string, sqs.IQueue>>;
}

/** The functions that tell how actions went and how accounts are doing. They change nothing. */
export class InsightFunctions extends Construct {
  readonly functions: readonly RollcallFunction<FunctionName>[];

  constructor(scope: Construct, id: string, props: InsightFunctionsProps) {
    super(scope, id);
    this.functions = [this.readLogs(props), this.readStats(props)];
  }

  private readLogs({ stage, tables, sheets }: InsightFunctionsProps) {
    const environment = { CONTROL_TABLE: tables.control.tableName, SHEET_BUCKET: sheets.bucketName };
    const read = new RollcallFunction(this, { stage, name: 'read-logs', environment });
    tables.control.allow(read, 'get', 'query');
    sheets.allowLookup(read, 'chunks', 'results');
    return read;
  }

  private readStats({ stage, tables, sheets, watchedQueues }: InsightFunctionsProps) {
    const queues = Object.entries(watchedQueues);
    const read = new RollcallFunction(this, {
      stage,
      name: 'read-stats',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        SHEET_BUCKET: sheets.bucketName,
        WATCHED_QUEUES: Stack.of(this).toJsonString(
          Object.fromEntries(queues.map(([name, { queueUrl }]) => [name, queueUrl])),
        ),
      },
    });
    tables.control.allow(read, 'get', 'query');
    tables.control.allowIndex(read, openActionsIndex);
    sheets.allowLookup(read, 'reports');
    for (const [, queue] of queues) queue.grant(read, 'sqs:GetQueueAttributes');
    return read;
  }
}
