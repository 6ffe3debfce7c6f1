import type { SFNClient } from '@aws-sdk/client-sfn';
import type { MappingInput } from '../model/mapping-steps.ts';
import { executionArn, isExecutionRunning, startExecution } from './executions.ts';

/** Executions of the `boundary-mapping` state machine. */
export class MappingExecutions {
  private readonly client: SFNClient;
  private readonly machineArn: string;

  constructor(client: SFNClient, machineArn: string) {
    this.client = client;
    this.machineArn = machineArn;
  }

  /** The ARN that the execution of this name has, or will have. */
  arnOf(name: string): string {
    return executionArn(this.machineArn, name);
  }

  async start(name: string, input: MappingInput): Promise<void> {
    await startExecution(this.client, this.machineArn, name, input);
  }

  /** True while the execution with this ARN is under way. */
  isRunning(execution: string): Promise<boolean> {
    return isExecutionRunning(this.client, execution);
  }
}
