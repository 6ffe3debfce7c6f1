import { Construct } from 'constructs';
import type { BulkActionMachine } from './bulk-action-machine.ts';
import type { DataTables } from './data-tables.ts';
import type { EndEvents } from './end-events.ts';
import { lastResort } from './last-resort.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';
import { toldByEvents } from './told-by-events.ts';

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
    const undelivered = lastResort(this, 'UndeliveredEvents', {
      of: 'the rule and of start-action',
      alarm: {
        id: 'EventsUndelivered',
        description:
          'A sheet arrived and start-action could not be told, or failed on it. The queue holds the events; an upload is found by the sweep, a sheet in an inbox has to be dropped again.',
        runbook: 'sheets-undelivered',
      },
    });
    toldByEvents(this, 'SheetArrived', {
      description: 'A sheet was uploaded, or dropped in an inbox.',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [props.sheets.bucketName] },
          object: { key: [{ prefix: 'uploads/' }, { prefix: 'scheduled/' }, { prefix: 'inbox/' }] },
        },
      },
      told: this.startAction(props),
      lastResort: undelivered,
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
    tables.control.allow(startAction, 'get', 'query', 'put', 'update');
    bulkAction.allowStart(startAction);
    endEvents.allowTell(startAction);
    return startAction;
  }
}
