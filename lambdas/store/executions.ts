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
  start(input: ExecutionInput): Promise<string> {
    return startExecution(this.client, this.machineArn, executionName(input), input);
  }

  /** True while the run's execution is under way. */
  isRunning(input: ExecutionInput): Promise<boolean> {
    return isExecutionRunning(this.client, executionArn(this.machineArn, executionName(input)));
  }
}

function executionName({ actionId, run }: ExecutionInput): string {
  return `${actionId}-${run}`;
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

/** True while the execution is under way; false when it has ended or never was. */
export async function isExecutionRunning(client: SFNClient, executionArn: string): Promise<boolean> {
  try {
    const answer = await client.send(new DescribeExecutionCommand({ executionArn }));
    return answer.status === 'RUNNING';
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return false;
    throw error;
  }
}

/** The ARN that an execution of a state machine has by its name. */
export function executionArn(machineArn: string, name: string): string {
  return `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
