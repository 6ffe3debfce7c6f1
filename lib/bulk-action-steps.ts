import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '../lambdas/model/environments.ts';
import type { DataTables } from './data-tables.ts';
import { defaultLimits } from './default-limits.ts';
import type { EndEvents } from './end-events.ts';
import type { OutsideBatches } from './outside-batches.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';

export interface BulkActionStepsProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  /** Takes the batches. */
  readonly queue: sqs.IQueue;
  /** Take the batches of services outside. */
  readonly outside: OutsideBatches;
  readonly endEvents: EndEvents;
}

/** The functions behind the states of `bulk-action`, each with what it needs and nothing else. */
export class BulkActionSteps extends Construct {
  readonly functions: readonly RollcallFunction<FunctionName>[];
  private readonly props: BulkActionStepsProps;
  private readonly controlTable: { CONTROL_TABLE: string };
  private readonly trackingTable: { TRACKING_TABLE: string };
  private readonly mappingTable: { MAPPING_TABLE: string };
  private readonly sheetBucket: { SHEET_BUCKET: string };

  constructor(scope: Construct, id: string, props: BulkActionStepsProps) {
    super(scope, id);
    this.props = props;
    this.controlTable = { CONTROL_TABLE: props.tables.control.tableName };
    this.trackingTable = { TRACKING_TABLE: props.tables.tracking.tableName };
    this.mappingTable = { MAPPING_TABLE: props.tables.mapping.tableName };
    this.sheetBucket = { SHEET_BUCKET: props.sheets.bucketName };
    this.functions = [
      this.claimReference(),
      this.stageSheet(),
      this.takeQuota(),
      this.identifyChunk(),
      this.reviveRows(),
      this.dispatchChunk(),
      this.measureProgress(),
      this.settleChunk(),
      this.checkAction(),
      this.enterMapping(),
      this.noteMapping(),
      this.writeReport(),
      this.finishAction(),
      this.failAction(),
    ];
  }

  private claimReference() {
    const { stage, tables, sheets } = this.props;
    const environment = { ...this.controlTable, ...this.sheetBucket };
    const step = new RollcallFunction(this, { stage, name: 'claim-reference', environment });
    tables.control.allow(step, 'get', 'query', 'update');
    sheets.allowLookup(step, 'chunks');
    return step;
  }

  private stageSheet() {
    const { stage, tables, sheets } = this.props;
    const step = new RollcallFunction(this, {
      stage,
      name: 'stage-sheet',
      environment: {
        ...this.controlTable,
        ...defaultLimits(stage.settings),
        REGISTRY_TABLE: tables.registry.tableName,
        ...this.sheetBucket,
        MAX_UPLOAD_BYTES: String(stage.settings.maxUploadBytes),
      },
    });
    tables.control.allow(step, 'get', 'query', 'update');
    tables.registry.allow(step, 'read');
    sheets.allowRead(step, 'uploads', 'scheduled', 'inbox', 'chunks');
    sheets.allowWrite(step, 'chunks');
    return step;
  }

  private takeQuota() {
    const { stage, tables } = this.props;
    const environment = { ...this.controlTable, ...defaultLimits(stage.settings) };
    const step = new RollcallFunction(this, { stage, name: 'take-quota', environment });
    tables.control.allow(step, 'get', 'update');
    return step;
  }

  private identifyChunk() {
    const { stage, tables, sheets } = this.props;
    const environment = {
      ...this.controlTable,
      ...this.trackingTable,
      ...this.mappingTable,
      ...this.sheetBucket,
      REPORT_DAYS: String(stage.settings.reportDays),
    };
    const step = new RollcallFunction(this, { stage, name: 'identify-chunk', environment });
    tables.mapping.allow(step, 'read', 'update', 'delete', 'insertStatements');
    tables.control.allow(step, 'get', 'query');
    tables.tracking.allow(step, 'read', 'update', 'insertStatements', 'updateStatements');
    sheets.allowLookup(step, 'chunks');
    sheets.allowWrite(step, 'chunks');
    return step;
  }

  private reviveRows() {
    const { stage, tables, sheets } = this.props;
    const environment = {
      ...this.controlTable,
      ...this.trackingTable,
      ...this.mappingTable,
      ...this.sheetBucket,
      REPORT_DAYS: String(stage.settings.reportDays),
      BATCH_ROWS: String(stage.settings.batchRows),
    };
    const step = new RollcallFunction(this, { stage, name: 'revive-rows', environment });
    tables.mapping.allow(step, 'read', 'update', 'delete', 'insertStatements');
    tables.control.allow(step, 'get', 'query', 'update');
    // A dry run tracks rows of its own beside those that were left.
    tables.tracking.allow(step, 'read', 'update', 'insertStatements', 'updateStatements');
    sheets.allowLookup(step, 'chunks');
    sheets.allowWrite(step, 'chunks');
    return step;
  }

  private dispatchChunk() {
    const { stage, tables, sheets, queue, outside } = this.props;
    const step = new RollcallFunction(this, {
      stage,
      name: 'dispatch-chunk',
      environment: {
        ...this.controlTable,
        ...this.sheetBucket,
        BATCH_QUEUE_URL: queue.queueUrl,
        OUTSIDE_QUEUES: outside.urls,
      },
    });
    tables.control.allow(step, 'get', 'query');
    sheets.allowRead(step, 'chunks');
    sheets.allowWrite(step, 'chunks');
    for (const one of new Set([queue, ...Object.values(outside.queueOfProcess)])) one.grant(step, 'sqs:SendMessage');
    return step;
  }

  private measureProgress() {
    const { stage, tables } = this.props;
    const environment = { ...this.controlTable, ...this.times() };
    const step = new RollcallFunction(this, { stage, name: 'measure-progress', environment });
    tables.control.allow(step, 'get', 'query', 'update');
    return step;
  }

  private settleChunk() {
    const { stage, tables, sheets } = this.props;
    const environment = {
      ...this.controlTable,
      ...this.trackingTable,
      REGISTRY_TABLE: tables.registry.tableName,
      ...this.sheetBucket,
      REPORT_DAYS: String(stage.settings.reportDays),
    };
    const step = new RollcallFunction(this, { stage, name: 'settle-chunk', environment });
    tables.control.allow(step, 'get', 'query');
    tables.tracking.allow(step, 'read', 'update', 'insertStatements', 'updateStatements');
    // What a batch wrote that did not live to say so.
    tables.registry.allow(step, 'read');
    sheets.allowLookup(step, 'chunks');
    sheets.allowLookup(step, 'results');
    sheets.allowWrite(step, 'results');
    return step;
  }

  private checkAction() {
    const { stage, tables } = this.props;
    const environment = { ...this.controlTable, ...this.times() };
    const step = new RollcallFunction(this, { stage, name: 'check-action', environment });
    tables.control.allow(step, 'get', 'query', 'update');
    return step;
  }

  private enterMapping() {
    const { stage, tables } = this.props;
    const step = new RollcallFunction(this, { stage, name: 'enter-mapping', environment: this.controlTable });
    tables.control.allow(step, 'get', 'query', 'update');
    return step;
  }

  private noteMapping() {
    const { stage, tables } = this.props;
    const environment = { ...this.controlTable, ...this.mappingTable };
    const step = new RollcallFunction(this, { stage, name: 'note-mapping', environment });
    tables.control.allow(step, 'get', 'query', 'put', 'update');
    tables.mapping.allow(step, 'read');
    return step;
  }

  private writeReport() {
    const { stage, tables, sheets } = this.props;
    const environment = { ...this.controlTable, ...this.sheetBucket };
    const step = new RollcallFunction(this, { stage, name: 'write-report', environment });
    tables.control.allow(step, 'get', 'query');
    sheets.allowRead(step, 'chunks', 'results');
    sheets.allowWrite(step, 'reports');
    return step;
  }

  private finishAction() {
    const { stage, tables, endEvents } = this.props;
    const environment = { ...this.controlTable, ...endEvents.environment };
    const step = new RollcallFunction(this, { stage, name: 'finish-action', environment });
    tables.control.allow(step, 'get', 'query', 'update');
    endEvents.allowTell(step);
    return step;
  }

  private failAction() {
    const { stage, tables, sheets, endEvents } = this.props;
    const environment = { ...this.controlTable, ...this.sheetBucket, ...endEvents.environment };
    const step = new RollcallFunction(this, { stage, name: 'fail-action', environment });
    tables.control.allow(step, 'get', 'query', 'update');
    endEvents.allowTell(step);
    sheets.allowLookup(step, 'chunks');
    return step;
  }

  private times() {
    const { settleSeconds, stallSeconds } = this.props.stage.settings;
    return { SETTLE_SECONDS: String(settleSeconds), STALL_SECONDS: String(stallSeconds) };
  }
}
