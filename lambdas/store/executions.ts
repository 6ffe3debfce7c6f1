import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { ExecutionInput } from '../model/steps.ts';

/** Executions of the `bulk-action` state machine. */
export class Executions {
  private readonly client: SFNClient;
  private readonly machineArn: string;

  constructor(client: SFNClient, machineArn: string) {
    this.client = client;
    this.machineArn = machineArn;
  }

  /** Starts the execution of an action's run. Its name follows from the run, so there is one only, however often asked. */
  async start(input: ExecutionInput): Promise<string> {
    const name = executionName(input);
    try {
      const answer = await this.client.send(
        new StartExecutionCommand({ stateMachineArn: this.machineArn, name, input: JSON.stringify(input) }),
      );
      return answer.executionArn as string;
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return this.arnOf(input);
      throw error;
    }
  }

  /** True while the run's execution is under way. */
  async isRunning(input: ExecutionInput): Promise<boolean> {
    try {
      const answer = await this.client.send(new DescribeExecutionCommand({ executionArn: this.arnOf(input) }));
      return answer.status === 'RUNNING';
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return false;
      throw error;
    }
  }

  private arnOf(input: ExecutionInput): string {
    return `${this.machineArn.replace(':stateMachine:', ':execution:')}:${executionName(input)}`;
  }
}

function executionName({ actionId, run }: ExecutionInput): string {
  return `${actionId}-${run}`;
}
