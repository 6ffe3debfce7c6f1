/** What a Task state's `Resource` does: functions and the AWS services that the stack's state machines call. */

import type { FauxqsEmulator } from '../emulators/fauxqs.ts';
import { SqsStore } from '../emulators/fauxqs-parts.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { FunctionHost } from '../functions/function-host.ts';
import type { Execution, StartRequest } from './execution.ts';
import { functionTaskError, TaskError } from './task-error.ts';

export interface TaskServices {
  host: FunctionHost;
  messaging: FauxqsEmulator;
  bus: EventBus;
  publish(topicArn: string, message: string): void;
  start(request: StartRequest): Execution;
  /** Resolves when the execution has ended, in whatever way. */
  ended(execution: Execution): Promise<Execution>;
}

/** The execution that a task belongs to. */
export interface TaskCaller {
  arn: string;
  /** Whether it runs for the second time, because the local run was killed during the first. */
  replayed: boolean;
}

export type TaskResource = (input: unknown, caller: TaskCaller) => Promise<unknown>;

type Parameters = Record<string, unknown>;

/** @throws Error for a resource that the local run does not know */
export function taskResource(resource: string, services: TaskServices): TaskResource {
  if (resource.includes(':lambda:') && resource.includes(':function:')) {
    return (input, caller) => invokeFunction(services.host, resource, input, caller);
  }
  // `arn:aws:states:::states:startExecution.sync:2` → `states:startExecution.sync:2`
  const integration = resource.split(':').slice(5).join(':');
  const run = integrations[integration];
  if (!run) throw new Error(`The local run does not know the task resource ${resource}.`);
  return (input, caller) => run(input as Parameters, services, caller);
}

const integrations: Record<
  string,
  (input: Parameters, services: TaskServices, caller: TaskCaller) => Promise<unknown>
> = {
  'lambda:invoke': async (input, { host }, caller) => ({
    ExecutedVersion: '$LATEST',
    StatusCode: 200,
    Payload: await invokeFunction(host, String(input.FunctionName), input.Payload ?? {}, caller),
  }),
  'states:startExecution': async (input, services, caller) => {
    const execution = startChild(input, services, caller);
    return { ExecutionArn: execution.arn, StartDate: new Date(execution.startedAt).toISOString() };
  },
  'states:startExecution.sync': async (input, services, caller) => runChild(input, services, caller),
  'states:startExecution.sync:2': async (input, services, caller) => {
    const result = await runChild(input, services, caller);
    return { ...result, Output: JSON.parse(result.Output) as unknown };
  },
  'events:putEvents': async (input, { bus }) => ({
    FailedEntryCount: 0,
    Entries: (input.Entries as Parameters[]).map((entry) => ({
      EventId: bus.put({
        source: String(entry.Source),
        detailType: String(entry.DetailType),
        detail: typeof entry.Detail === 'string' ? JSON.parse(entry.Detail) : entry.Detail,
        resources: entry.Resources as string[] | undefined,
        busName: entry.EventBusName as string | undefined,
      }),
    })),
  }),
  'sns:publish': async (input, { publish }) => {
    publish(String(input.TopicArn), asText(input.Message));
    return { MessageId: crypto.randomUUID() };
  },
  'sqs:sendMessage': async (input, { messaging }) => {
    const queue = messaging.queues.getQueue(String(input.QueueUrl));
    if (!queue) throw new TaskError('SQS.QueueDoesNotExistException', `There is no queue ${input.QueueUrl}.`);
    const message = SqsStore.createMessage(asText(input.MessageBody), {}, input.DelaySeconds as number | undefined);
    queue.enqueue(message);
    return { MessageId: message.messageId, MD5OfMessageBody: message.md5OfBody };
  },
};

async function invokeFunction(host: FunctionHost, name: string, input: unknown, caller: TaskCaller): Promise<unknown> {
  const definition = host.find(name.split(':').slice(0, 7).join(':'));
  if (!definition) throw new TaskError('Lambda.ResourceNotFoundException', `Function not found: ${name}`);
  const outcome = await host.invoke(definition, input, 'step', caller.arn);
  if (!outcome.ok) throw functionTaskError(outcome.error);
  return JSON.parse(outcome.payload);
}

function startChild(input: Parameters, services: TaskServices, caller: TaskCaller): Execution {
  return services.start({
    stateMachineArn: String(input.StateMachineArn),
    input: JSON.stringify(input.Input ?? {}),
    name: input.Name as string | undefined,
    parentArn: caller.arn,
    adoptEnded: caller.replayed,
  });
}

async function runChild(input: Parameters, services: TaskServices, caller: TaskCaller) {
  const ended = await services.ended(startChild(input, services, caller));
  const description = {
    ExecutionArn: ended.arn,
    Input: ended.input,
    InputDetails: { Included: true },
    Name: ended.name,
    Output: ended.output ?? '',
    OutputDetails: { Included: true },
    StartDate: ended.startedAt,
    StateMachineArn: ended.stateMachineArn,
    Status: ended.status,
    StopDate: ended.stoppedAt,
  };
  if (ended.status === 'SUCCEEDED') return description;
  throw new TaskError('States.TaskFailed', JSON.stringify({ ...description, Error: ended.error, Cause: ended.cause }));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
