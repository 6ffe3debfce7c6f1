import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { alarmAboveZero } from './alarm.ts';
import type { BulkActionMachine } from './bulk-action-machine.ts';
import { type DataTables, openActionsIndex } from './data-tables.ts';
import type { EndEvents } from './end-events.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';
import type { UndoMachine } from './undo-machine.ts';

export interface ActionSweepProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  readonly bulkAction: BulkActionMachine;
  readonly undo: UndoMachine;
  readonly endEvents: EndEvents;
}

/** Looks from time to time for actions that nobody drives any more, whatever was lost on their way. */
export class ActionSweep extends Construct {
  constructor(scope: Construct, id: string, { stage, tables, sheets, bulkAction, endEvents, undo }: ActionSweepProps) {
    super(scope, id);
    const sweepActions = new RollcallFunction(this, {
      stage,
      name: 'sweep-actions',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        SHEET_BUCKET: sheets.bucketName,
        BULK_ACTION_MACHINE_ARN: bulkAction.machine.stateMachineArn,
        UNDO_ACTION_MACHINE_ARN: undo.machine.stateMachineArn,
        ...endEvents.environment,
        DEADLINE_SECONDS: String(stage.settings.deadlineSeconds),
        STALL_SECONDS: String(stage.settings.stallSeconds),
      },
    });
    tables.control.allow(sweepActions, 'get', 'query', 'update');
    tables.control.allowIndex(sweepActions, openActionsIndex);
    sheets.allowLookup(sweepActions, 'uploads', 'scheduled');
    // Parts of uploads that were given up.
    sheets.allowAbort(sweepActions, 'uploads', 'scheduled');
    bulkAction.allowStart(sweepActions);
    bulkAction.allowLook(sweepActions);
    undo.allowLook(sweepActions);
    endEvents.allowTell(sweepActions);

    const interval = Duration.minutes(stage.settings.sweepMinutes);
    // The next sweep does what a failed one left; neither EventBridge nor Lambda need try again.
    sweepActions.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    new events.Rule(this, 'SweepDue', {
      description: 'Time to look for actions that nobody drives any more.',
      schedule: events.Schedule.rate(interval),
      targets: [new targets.LambdaFunction(sweepActions, { retryAttempts: 0 })],
    });
    alarmAboveZero(this, 'SweepFails', {
      description:
        'sweep-actions fails every time, so actions that lost their way are not found and may stay open past their deadline. Its log says why.',
      runbook: 'sweep-fails',
      metric: sweepActions.metricErrors({ period: interval }),
      periods: 3,
    });
  }
}
