import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AccountFigures } from './account-figures.ts';
import { ActionSweep } from './action-sweep.ts';
import { AdminKey } from './admin-key.ts';
import { Alarms } from './alarms.ts';
import { BatchProcessing } from './batch-processing.ts';
import { BoundaryMapping } from './boundary-mapping.ts';
import { BulkActionMachine } from './bulk-action-machine.ts';
import { Dashboard } from './dashboard.ts';
import { DataTables } from './data-tables.ts';
import { EndEvents } from './end-events.ts';
import { EndMail } from './end-mail.ts';
import { HttpApi } from './http-api.ts';
import { OutsideBatches } from './outside-batches.ts';
import { ScheduledStarts } from './scheduled-starts.ts';
import { SheetArrival } from './sheet-arrival.ts';
import { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';
import { UndoMachine } from './undo-machine.ts';
import { Webhooks } from './webhooks.ts';

export interface RollcallStackProps extends StackProps {
  readonly stage: Stage;
}

/** A sheet arrives, a state machine takes its rows through the batch queue, and every row answers. */
export class RollcallStack extends Stack {
  constructor(scope: Construct, id: string, { stage, ...props }: RollcallStackProps) {
    super(scope, id, props);

    const sheets = new SheetBucket(this, 'Sheets', stage);
    const tables = new DataTables(this, 'Tables', stage);
    const endEvents = new EndEvents(this, 'EndEvents');

    const { queue, deadLetters } = new BatchProcessing(this, 'BatchProcessing', { stage, tables, sheets });
    const outside = new OutsideBatches(this, 'OutsideBatches', { stage, tables, sheets, deadLetters });
    const boundaryMapping = new BoundaryMapping(this, 'BoundaryMapping', { stage, tables, sheets });
    const bulkAction = new BulkActionMachine(this, 'BulkAction', {
      stage,
      tables,
      sheets,
      queue,
      outside,
      endEvents,
      boundaryMapping,
    });
    new SheetArrival(this, 'SheetArrival', { stage, tables, sheets, bulkAction, endEvents });
    const undo = new UndoMachine(this, 'Undo', { stage, tables, sheets, boundaryMapping });
    const starts = new ScheduledStarts(this, 'ScheduledStarts', { stage, tables, sheets, bulkAction });
    new ActionSweep(this, 'ActionSweep', { stage, tables, sheets, bulkAction, endEvents, undo });
    const webhooks = new Webhooks(this, 'Webhooks', { stage, tables, endEvents });
    new AccountFigures(this, 'AccountFigures', { stage, tables, endEvents });

    const adminKey = new AdminKey(this, 'AdminKey', { stage, tables });
    const batchQueues = { batches: queue, ...outside.queueOfService };
    const api = new HttpApi(this, 'HttpApi', {
      stage,
      tables,
      sheets,
      bulkAction,
      boundaryMapping,
      endEvents,
      starts,
      undo,
      webhooks,
      watchedQueues: { ...batchQueues, 'dead-letters': deadLetters },
    });
    const { notificationEmail: address } = stage.settings;
    if (address !== undefined) new EndMail(this, 'EndMail', { endEvents, address, apiUrl: api.url });

    if (stage.settings.alarms) {
      const watched = { stage, tables, batchQueues, deadLetters, apiFaults: api.faults };
      new Dashboard(this, 'Dashboard', { ...watched, workflows: { bulkAction, boundaryMapping } });
      const { topic } = new Alarms(this, 'Alarms', watched);
      this.tell('AlarmTopicArn', 'The topic that all alarms ring at.', topic.topicArn);
    }

    this.tell('ApiUrl', 'Where the HTTP API answers.', api.url);
    this.tell('AdminKeySecretArn', 'The secret with the first API key.', adminKey.secret.secretArn);
    this.tell('SheetBucketName', 'The bucket with uploads, inboxes and reports.', sheets.bucketName);
    this.tell('TrackingTableName', 'The table of rows.', tables.tracking.tableName);
    this.tell('MappingTableName', 'The table of boundary mappings.', tables.mapping.tableName);
    this.tell('ControlTableName', 'The table of actions, references and keys.', tables.control.tableName);
    this.tell('RegistryTableName', 'The table of created entities.', tables.registry.tableName);
    this.tell('BulkActionMachineArn', 'The state machine of bulk actions.', bulkAction.machine.stateMachineArn);
  }

  private tell(name: string, description: string, value: string): void {
    new CfnOutput(this, name, { description, value });
  }
}
