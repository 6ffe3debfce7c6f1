/** The Step Functions API. https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html */
import type { Execution } from '../workflows/execution.ts';
import { type Executions, WorkflowError } from '../workflows/executions.ts';
import type { JsonActions } from './control-server.ts';

const PAGE_SIZE = 100;

export function statesActions(executions: Executions): JsonActions {
  const existing = (arn: unknown): Execution => {
    const execution = executions.find(String(arn));
    if (!execution) throw new WorkflowError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  };
  const start = ({ stateMachineArn, input = '{}', name }: Record<string, unknown>) =>
    executions.start({
      stateMachineArn: String(stateMachineArn),
      input: String(input),
      name: name as string | undefined,
    });

  const actions: JsonActions = {
    StartExecution: (input) => {
      const execution = start(input);
      return { executionArn: execution.arn, startDate: seconds(execution.startedAt) };
    },
    StartSyncExecution: async (input) => description(await executions.ended(start(input))),
    DescribeExecution: ({ executionArn }) => description(existing(executionArn)),
    StopExecution: ({ executionArn, error, cause }) => {
      const stopped = executions.stop(String(executionArn), error as string | undefined, cause as string | undefined);
      return { stopDate: seconds(stopped.stoppedAt) };
    },
    ListExecutions: ({ stateMachineArn, statusFilter, maxResults, nextToken }) => {
      const all = executions.list(String(stateMachineArn), statusFilter as string | undefined);
      const from = Number(nextToken ?? 0);
      const to = from + Number(maxResults || PAGE_SIZE);
      return { executions: all.slice(from, to).map(summary), ...(to < all.length ? { nextToken: String(to) } : {}) };
    },
    GetExecutionHistory: ({ executionArn, maxResults, nextToken, reverseOrder }) => {
      const events = executions.history(existing(executionArn).arn);
      const ordered = reverseOrder ? events.toReversed() : events;
      const from = Number(nextToken ?? 0);
      const to = from + Number(maxResults || PAGE_SIZE);
      return { events: ordered.slice(from, to), ...(to < events.length ? { nextToken: String(to) } : {}) };
    },
    ListStateMachines: () => ({
      stateMachines: executions.workflows.map(({ arn, name }) => ({
        stateMachineArn: arn,
        name,
        type: 'STANDARD',
        creationDate: 0,
      })),
    }),
  };
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [`AWSStepFunctions.${name}`, action]));
}

function summary({ arn, stateMachineArn, name, status, startedAt, stoppedAt }: Execution) {
  return {
    executionArn: arn,
    stateMachineArn,
    name,
    status,
    startDate: seconds(startedAt),
    stopDate: seconds(stoppedAt),
  };
}

function description(execution: Execution) {
  const { input, output, error, cause } = execution;
  return {
    ...summary(execution),
    input,
    inputDetails: { included: true },
    output,
    outputDetails: { included: true },
    error,
    cause,
  };
}

/** The JSON protocol's timestamps. */
function seconds(milliseconds?: number): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
