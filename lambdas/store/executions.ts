import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type ExecutionInput, executionStopped } from '../model/steps.ts';

/** Executions of the `bulk-action` state machine. */
export class Executions {
  private readonly client: SFNClient;
  private readonly machineArn: string;

  constructor(client: SFNClient, machineArn: string) {
    this.client = client;
    this.machineArn = machineArn;
  }

  /** Starts the execution of an action's run. Its name follows from the run, so there is one only, however often asked. */
  start(input: ExecutionInput): Promise<string> {
    return startExecution(this.client, this.machineArn, executionName(input), input);
  }

  /** True while the run's execution is under way. */
  isRunning(input: ExecutionInput): Promise<boolean> {
    return isExecutionRunning(this.client, executionArn(this.machineArn, executionName(input)));
  }

  /** How the salvage of a run stands. */
  salvageState(input: ExecutionInput): Promise<ExecutionState> {
    return executionState(this.client, executionArn(this.machineArn, salvageName(input)));
  }

  /** Starts an execution that begins nothing more for a run but answers for what has happened. Once, however often asked. */
  salvage(input: ExecutionInput): Promise<string> {
    const { accountId, actionId, run } = input;
    const failure = { Error: executionStopped, Cause: "The run's own execution was stopped before it ended." };
    return startExecution(this.client, this.machineArn, salvageName(input), { accountId, actionId, run, failure });
  }
}

function executionName({ actionId, run }: ExecutionInput): string {
  return `${actionId}-${run}`;
}

function salvageName(input: ExecutionInput): string {
  return `${executionName(input)}-salvage`;
}

/** Starts an execution under a name, once, however often asked; answers with its ARN. */
export async function startExecution(
  client: SFNClient,
  machineArn: string,
  name: string,
  input: unknown,
): Promise<string> {
  try {
    const answer = await client.send(
      new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }),
    );
    return answer.executionArn as string;
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return executionArn(machineArn, name);
    throw error;
  }
}

export type ExecutionState = 'absent' | 'running' | 'ended';

export async function executionState(client: SFNClient, executionArn: string): Promise<ExecutionState> {
  try {
    const answer = await client.send(new DescribeExecutionCommand({ executionArn }));
    return answer.status === 'RUNNING' ? 'running' : 'ended';
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return 'absent';
    throw error;
  }
}

/** True while the execution is under way; false when it has ended or never was. */
export async function isExecutionRunning(client: SFNClient, executionArn: string): Promise<boolean> {
  return (await executionState(client, executionArn)) === 'running';
}

/** The ARN that an execution of a state machine has by its name. */
export function executionArn(machineArn: string, name: string): string {
  return `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
