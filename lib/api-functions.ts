import { Construct } from 'constructs';
import type { FunctionName } from '../lambdas/model/environments.ts';
import type { BoundaryMapping } from './boundary-mapping.ts';
import type { BulkActionMachine } from './bulk-action-machine.ts';
import { accountIndex, type DataTables, hierarchyIndex, referenceIndex } from './data-tables.ts';
import { defaultLimits } from './default-limits.ts';
import type { EndEvents } from './end-events.ts';
import { InsightFunctions, type InsightFunctionsProps } from './insight-functions.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { ScheduledStarts } from './scheduled-starts.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';
import type { UndoMachine } from './undo-machine.ts';
import type { Webhooks } from './webhooks.ts';

export interface ApiFunctionsProps extends InsightFunctionsProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  readonly bulkAction: BulkActionMachine;
  readonly boundaryMapping: BoundaryMapping;
  readonly endEvents: EndEvents;
  readonly starts: ScheduledStarts;
  readonly undo: UndoMachine;
  readonly webhooks: Webhooks;
}

/** The functions that answer HTTP requests, each with what it needs and nothing else. */
export class ApiFunctions extends Construct {
  readonly authorizeRequest: RollcallFunction<'authorize-request'>;
  readonly functions: readonly RollcallFunction<FunctionName>[];
  private readonly props: ApiFunctionsProps;
  private readonly controlTable: { CONTROL_TABLE: string };
  private readonly sheetBucket: { SHEET_BUCKET: string };

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    this.props = props;
    this.controlTable = { CONTROL_TABLE: props.tables.control.tableName };
    this.sheetBucket = { SHEET_BUCKET: props.sheets.bucketName };
    this.authorizeRequest = this.authorizer();
    this.functions = [
      this.manageAccounts(),
      this.createBulkAction(),
      this.completeUpload(),
      this.previewSheet(),
      this.readBulkActions(),
      ...new InsightFunctions(this, 'Insight', props).functions,
      this.retryBulkAction(),
      this.cancelBulkAction(),
      this.undoBulkAction(),
      this.readReferences(),
      this.startMapping(),
      this.readBoundaries(),
      this.readEntities(),
      this.manageWebhooks(),
      this.describeService(),
    ];
  }

  private authorizer() {
    const { stage, tables } = this.props;
    const environment = { ...this.controlTable, ...defaultLimits(stage.settings) };
    const authorizer = new RollcallFunction(this, { stage, name: 'authorize-request', environment });
    tables.control.allow(authorizer, 'get', 'query', 'update');
    return authorizer;
  }

  private manageAccounts() {
    const { stage, tables } = this.props;
    const environment = { ...this.controlTable, ...defaultLimits(stage.settings) };
    const manage = new RollcallFunction(this, { stage, name: 'manage-accounts', environment });
    tables.control.allow(manage, 'get', 'query', 'put', 'update', 'delete');
    tables.control.allowIndex(manage, accountIndex);
    return manage;
  }

  private createBulkAction() {
    const { stage, tables, sheets, starts } = this.props;
    const { settings } = stage;
    const create = new RollcallFunction(this, {
      stage,
      name: 'create-bulk-action',
      environment: {
        ...this.controlTable,
        ...this.sheetBucket,
        MAX_UPLOAD_BYTES: String(settings.maxUploadBytes),
        SINGLE_UPLOAD_BYTES: String(settings.singleUploadBytes),
        UPLOAD_PART_BYTES: String(settings.uploadPartBytes),
        UPLOAD_EXPIRY_SECONDS: String(settings.uploadExpirySeconds),
        MAX_INLINE_RECORDS: String(settings.maxInlineRecords),
        DEADLINE_SECONDS: String(settings.deadlineSeconds),
        IDEMPOTENCY_DAYS: String(settings.idempotencyDays),
        ...starts.environment,
      },
    });
    tables.control.allow(create, 'get', 'query', 'put', 'update', 'delete');
    // What it may write, the addresses that it presigns may write.
    sheets.allowWrite(create, 'uploads', 'scheduled');
    starts.allowSchedule(create);
    return create;
  }

  private previewSheet() {
    const { stage, tables, sheets } = this.props;
    const preview = new RollcallFunction(this, {
      stage,
      name: 'preview-sheet',
      environment: {
        ...this.controlTable,
        ...this.sheetBucket,
        REGISTRY_TABLE: tables.registry.tableName,
        PREVIEW_UPLOAD_BYTES: String(stage.settings.previewUploadBytes),
        UPLOAD_EXPIRY_SECONDS: String(stage.settings.uploadExpirySeconds),
      },
    });
    tables.control.allow(preview, 'get', 'query');
    // Whether what rows refer to is there.
    tables.registry.allow(preview, 'read');
    sheets.allowWrite(preview, 'previews');
    sheets.allowLookup(preview, 'previews', 'uploads', 'inbox');
    return preview;
  }

  private completeUpload() {
    const { stage, tables, sheets } = this.props;
    const environment = { ...this.controlTable, ...this.sheetBucket };
    const complete = new RollcallFunction(this, { stage, name: 'complete-upload', environment });
    tables.control.allow(complete, 'get', 'query', 'update');
    sheets.allowWrite(complete, 'uploads', 'scheduled');
    sheets.allowLookup(complete, 'uploads', 'scheduled');
    return complete;
  }

  private readBulkActions() {
    const { stage, tables, sheets } = this.props;
    const read = new RollcallFunction(this, {
      stage,
      name: 'read-bulk-actions',
      environment: {
        ...this.controlTable,
        ...this.sheetBucket,
        UPLOAD_EXPIRY_SECONDS: String(stage.settings.uploadExpirySeconds),
        REPORT_DAYS: String(stage.settings.reportDays),
      },
    });
    tables.control.allow(read, 'get', 'query');
    tables.control.allowIndex(read, accountIndex);
    tables.control.allowIndex(read, referenceIndex);
    sheets.allowLookup(read, 'reports', 'results', 'chunks');
    return read;
  }

  private retryBulkAction() {
    const { stage, tables, sheets, bulkAction, endEvents } = this.props;
    const retry = new RollcallFunction(this, {
      stage,
      name: 'retry-bulk-action',
      environment: {
        ...this.controlTable,
        ...this.sheetBucket,
        BULK_ACTION_MACHINE_ARN: bulkAction.machine.stateMachineArn,
        ...endEvents.environment,
        DEADLINE_SECONDS: String(stage.settings.deadlineSeconds),
      },
    });
    tables.control.allow(retry, 'get', 'query', 'put', 'update');
    // Whether its rows are still kept, and which of them failed.
    sheets.allowLookup(retry, 'chunks', 'results');
    bulkAction.allowStart(retry);
    endEvents.allowTell(retry);
    return retry;
  }

  private cancelBulkAction() {
    const { stage, tables, sheets, bulkAction, endEvents, starts } = this.props;
    const cancel = new RollcallFunction(this, {
      stage,
      name: 'cancel-bulk-action',
      environment: {
        ...this.controlTable,
        ...this.sheetBucket,
        BULK_ACTION_MACHINE_ARN: bulkAction.machine.stateMachineArn,
        ...endEvents.environment,
        ...starts.group,
      },
    });
    tables.control.allow(cancel, 'get', 'query', 'update');
    sheets.allowAbort(cancel, 'uploads', 'scheduled');
    sheets.allowWrite(cancel, 'reports');
    bulkAction.allowStart(cancel);
    bulkAction.allowStop(cancel);
    endEvents.allowTell(cancel);
    starts.allowUnschedule(cancel);
    return cancel;
  }

  private undoBulkAction() {
    const { stage, tables, sheets, endEvents, undo } = this.props;
    const { deadlineSeconds, services } = stage.settings;
    const outside = Object.entries(services.processes).flatMap(([name, { entities }]) => (entities ? [name] : []));
    const begin = new RollcallFunction(this, {
      stage,
      name: 'undo-bulk-action',
      environment: {
        ...this.controlTable,
        ...this.sheetBucket,
        ...endEvents.environment,
        UNDO_ACTION_MACHINE_ARN: undo.machine.stateMachineArn,
        DEADLINE_SECONDS: String(deadlineSeconds),
        OUTSIDE_PROCESSES: JSON.stringify(outside),
      },
    });
    tables.control.allow(begin, 'get', 'query', 'update');
    sheets.allowLookup(begin, 'chunks', 'results');
    undo.allowStart(begin);
    endEvents.allowTell(begin);
    return begin;
  }

  private readReferences() {
    const { stage, tables } = this.props;
    const environment = { ...this.controlTable, MAPPING_TABLE: tables.mapping.tableName };
    const read = new RollcallFunction(this, { stage, name: 'read-references', environment });
    tables.mapping.allow(read, 'read');
    tables.control.allow(read, 'get', 'query');
    tables.control.allowIndex(read, referenceIndex);
    return read;
  }

  private readBoundaries() {
    const { stage, tables } = this.props;
    const environment = { REGISTRY_TABLE: tables.registry.tableName };
    const read = new RollcallFunction(this, { stage, name: 'read-boundaries', environment });
    tables.registry.allow(read, 'get');
    tables.registry.allowIndex(read, hierarchyIndex);
    return read;
  }

  private readEntities() {
    const { stage, tables } = this.props;
    const environment = { REGISTRY_TABLE: tables.registry.tableName };
    const read = new RollcallFunction(this, { stage, name: 'read-entities', environment });
    tables.registry.allow(read, 'read');
    return read;
  }

  private startMapping() {
    const { stage, tables, boundaryMapping } = this.props;
    const start = new RollcallFunction(this, {
      stage,
      name: 'start-mapping',
      environment: {
        ...this.controlTable,
        BOUNDARY_MAPPING_MACHINE_ARN: boundaryMapping.machine.stateMachineArn,
        DEADLINE_SECONDS: String(stage.settings.deadlineSeconds),
      },
    });
    tables.control.allow(start, 'get', 'query', 'update');
    boundaryMapping.allowStart(start);
    boundaryMapping.allowLook(start);
    return start;
  }

  private manageWebhooks() {
    const { stage, tables, webhooks } = this.props;
    const manage = new RollcallFunction(this, {
      stage,
      name: 'manage-webhooks',
      environment: {
        ...webhooks.environment,
        ALLOW_INSECURE_WEBHOOKS: String(stage.settings.allowInsecureWebhooks),
        WEBHOOKS_PER_ACCOUNT: String(stage.settings.webhooksPerAccount),
        DELIVERY_LOG_DAYS: String(stage.settings.deliveryLogDays),
      },
    });
    tables.control.allow(manage, 'get', 'query', 'put', 'update', 'delete');
    webhooks.allowSend(manage);
    return manage;
  }

  private describeService() {
    return new RollcallFunction(this, { stage: this.props.stage, name: 'describe-service', environment: {} });
  }
}
