import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { BulkActionMachine } from './bulk-action-machine.ts';
import type { DataTables } from './data-tables.ts';
import { lastResort } from './last-resort.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';

export interface ScheduledStartsProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  readonly bulkAction: BulkActionMachine;
}

/** Starts actions at a time of their own: one schedule each, made with the action and gone when it was due. */
export class ScheduledStarts extends Construct {
  /** What a function that takes schedules back has to know. */
  readonly group: { readonly SCHEDULE_GROUP: string };
  /** What a function that makes schedules has to know. */
  readonly environment: {
    readonly SCHEDULE_GROUP: string;
    readonly SCHEDULED_FUNCTION_ARN: string;
    readonly SCHEDULE_ROLE_ARN: string;
    readonly UNSTARTED_QUEUE_ARN: string;
  };
  private readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: ScheduledStartsProps) {
    super(scope, id);
    const group = new scheduler.CfnScheduleGroup(this, 'Group', { name: `rollcall-${props.stage.name}` });
    const start = this.startScheduledAction(props);
    const unstarted = lastResort(this, 'Unstarted', {
      of: 'the schedules',
      alarm: {
        id: 'StartsMissed',
        description:
          'The time of an action came and start-scheduled-action could not be told. The queue says of which; the sweep starts it.',
        runbook: 'starts-missed',
      },
    });
    // Scheduler checks, when a schedule is made, that it may assume the role, and does so for this account alone.
    const { account } = Stack.of(this);
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    iam.Grant.addToPrincipal({
      grantee: this.role,
      actions: ['lambda:InvokeFunction'],
      resourceArns: [start.functionArn],
    });
    unstarted.grant(this.role, 'sqs:SendMessage');
    this.group = { SCHEDULE_GROUP: group.ref };
    this.environment = {
      ...this.group,
      SCHEDULED_FUNCTION_ARN: start.functionArn,
      SCHEDULE_ROLE_ARN: this.role.roleArn,
      UNSTARTED_QUEUE_ARN: unstarted.queueArn,
    };
  }

  /** Lets a function schedule starts. */
  allowSchedule(grantee: iam.IGrantable): void {
    this.allow(grantee, 'scheduler:CreateSchedule');
    iam.Grant.addToPrincipal({
      grantee,
      actions: ['iam:PassRole'],
      resourceArns: [this.role.roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    });
  }

  /** Lets a function take schedules back. */
  allowUnschedule(grantee: iam.IGrantable): void {
    this.allow(grantee, 'scheduler:DeleteSchedule');
  }

  private allow(grantee: iam.IGrantable, action: string): void {
    const { partition, region, account } = Stack.of(this);
    const schedules = `schedule/${this.group.SCHEDULE_GROUP}/*`;
    iam.Grant.addToPrincipal({
      grantee,
      actions: [action],
      resourceArns: [`arn:${partition}:scheduler:${region}:${account}:${schedules}`],
    });
    acknowledge(
      grantee.grantPrincipal as iam.Role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<${this.groupId()}>/*]`,
      'Schedules are named at run time, after their actions.',
    );
  }

  private groupId(): string {
    return Stack.of(this).getLogicalId(this.node.findChild('Group') as scheduler.CfnScheduleGroup);
  }

  private startScheduledAction({ stage, tables, sheets, bulkAction }: ScheduledStartsProps) {
    const start = new RollcallFunction(this, {
      stage,
      name: 'start-scheduled-action',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        SHEET_BUCKET: sheets.bucketName,
        BULK_ACTION_MACHINE_ARN: bulkAction.machine.stateMachineArn,
        DEADLINE_SECONDS: String(stage.settings.deadlineSeconds),
      },
    });
    tables.control.allow(start, 'get', 'query', 'update');
    sheets.allowLookup(start, 'scheduled');
    bulkAction.allowStart(start);
    return start;
  }
}
