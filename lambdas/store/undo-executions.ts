import type { SFNClient } from '@aws-sdk/client-sfn';
import type { UndoInput } from '../model/undo-steps.ts';
import { executionArn, isExecutionRunning, startExecution } from './executions.ts';

/** Executions of the `undo-action` state machine. */
export class UndoExecutions {
  private readonly client: SFNClient;
  private readonly machineArn: string;

  constructor(client: SFNClient, machineArn: string) {
    this.client = client;
    this.machineArn = machineArn;
  }

  /** Starts an undoing, once, however often asked. */
  async start(input: UndoInput): Promise<void> {
    await startExecution(this.client, this.machineArn, nameOf(input), input);
  }

  isRunning(undoing: Pick<UndoInput, 'actionId' | 'attempt'>): Promise<boolean> {
    return isExecutionRunning(this.client, executionArn(this.machineArn, nameOf(undoing)));
  }
}

function nameOf({ actionId, attempt }: Pick<UndoInput, 'actionId' | 'attempt'>): string {
  return `${actionId}-${attempt}`;
}
