import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  type SchedulerClient,
} from '@aws-sdk/client-scheduler';
import type { BulkAction } from '../model/action.ts';

/** What a schedule does when it is due: calls `functionArn` as `roleArn`; what no attempt got through goes to `deadLettersArn`. */
export interface ScheduleTarget {
  readonly functionArn: string;
  readonly roleArn: string;
  readonly deadLettersArn: string;
}

type ActionIdentity = Pick<BulkAction, 'accountId' | 'actionId'>;

/** EventBridge Scheduler tries for a day, as often as it may. */
const retryPolicy = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

/** One-time schedules of the stage's group, one an action, named by its id. */
export class Schedules {
  private readonly client: SchedulerClient;
  private readonly group: string;

  constructor(client: SchedulerClient, group: string) {
    this.client = client;
    this.group = group;
  }

  /** Schedules the action's start, to the second. Once, however often asked; a schedule that was due is gone by itself. */
  async create({ accountId, actionId }: ActionIdentity, startAt: string, target: ScheduleTarget): Promise<void> {
    try {
      await this.client.send(
        new CreateScheduleCommand({
          GroupName: this.group,
          Name: actionId,
          ScheduleExpression: `at(${wholeSecond(startAt)})`,
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: {
            Arn: target.functionArn,
            RoleArn: target.roleArn,
            Input: JSON.stringify({ accountId, actionId }),
            DeadLetterConfig: { Arn: target.deadLettersArn },
            RetryPolicy: retryPolicy,
          },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConflictException)) throw error;
    }
  }

  /** Takes the action's schedule back; harmless where there is none. */
  async delete({ actionId }: ActionIdentity): Promise<void> {
    try {
      await this.client.send(new DeleteScheduleCommand({ GroupName: this.group, Name: actionId }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }
}

/** The scheduler knows no fractions: rather a moment late than early. */
function wholeSecond(time: string): string {
  return new Date(Math.ceil(Date.parse(time) / 1_000) * 1_000).toISOString().slice(0, 19);
}
