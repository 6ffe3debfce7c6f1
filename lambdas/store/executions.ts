import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { actionCancelled, type ExecutionInput, executionStopped } from '../model/steps.ts';

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

  /** Stops the run's execution; what its functions have begun they finish. Harmless when there is none under way. */
  async stop(input: ExecutionInput): Promise<void> {
    const arn = executionArn(this.machineArn, executionName(input));
    try {
      await this.client.send(new StopExecutionCommand({ executionArn: arn, error: actionCancelled }));
    } catch (error) {
      if (!(error instanceof ExecutionDoesNotExist)) throw error;
    }
  }

  /** How the execution that ends a cancelled run stands. */
  cancelState(input: ExecutionInput): Promise<ExecutionState> {
    return executionState(this.client, executionArn(this.machineArn, cancelName(input)));
  }

  /** Starts the execution that ends a cancelled run: it settles its rows and reports. Once, however often asked. */
  cancel(input: ExecutionInput): Promise<string> {
    return this.salvageAs(cancelName(input), input, {
      Error: actionCancelled,
      Cause: 'Somebody cancelled the action.',
    });
  }

  /** How the salvage of a run stands. */
  salvageState(input: ExecutionInput): Promise<ExecutionState> {
    return executionState(this.client, executionArn(this.machineArn, salvageName(input)));
  }

  /** Starts an execution that begins nothing more for a run but answers for what has happened. Once, however often asked. */
  salvage(input: ExecutionInput): Promise<string> {
    const failure = { Error: executionStopped, Cause: "The run's own execution was stopped before it ended." };
    return this.salvageAs(salvageName(input), input, failure);
  }

  private salvageAs(
    name: string,
    { accountId, actionId, run }: ExecutionInput,
    failure: { readonly Error: string; readonly Cause: string },
  ): Promise<string> {
    return startExecution(this.client, this.machineArn, name, { accountId, actionId, run, failure });
  }
}

function executionName({ actionId, run }: ExecutionInput): string {
  return `${actionId}-${run}`;
}

function cancelName(input: ExecutionInput): string {
  return `${executionName(input)}-cancel`;
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
