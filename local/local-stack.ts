/**
 * Runs a synthesized stack on this machine. Everything comes from the assembly: tables, buckets, queues, functions, rules,
 * state machines and routes are those that would be deployed.
 */
import type { StackModel } from './assembly/stack-model.ts';
import { unknownTypes } from './deployment/known-types.ts';
import type { FauxqsEmulator } from './emulators/fauxqs.ts';
import type { EventEntry } from './events/event-bus.ts';
import type { ServiceEndpoints } from './functions/function-definitions.ts';
import type { FunctionDefinition, FunctionHost } from './functions/function-host.ts';
import { startHttpApi } from './http/http-api.ts';
import { readHttpApi } from './http/read-http-api.ts';
import type { LocalStackOptions } from './local-stack-options.ts';
import { readQueueMappings } from './queues/queue-mappings.ts';
import { createQueuePoller, type QueuePoller } from './queues/queue-poller.ts';
import { untilIdle } from './state/idle.ts';
import { createShutdown, type Shutdown } from './state/shutdown.ts';
import { startEmulators } from './wiring/emulators.ts';
import { connectEvents, type Events } from './wiring/events.ts';
import { hostFunctions } from './wiring/functions.ts';
import { createRunContext, type RunContext } from './wiring/run-context.ts';
import { type Services, startServices } from './wiring/services.ts';

export interface LocalStack {
  apiUrl: string;
  endpoints: ServiceEndpoints;
  outputs: Record<string, string>;
  functionNames: string[];
  /** The value of a secret, by its logical id, name or ARN. */
  secret(logicalIdOrName: string): string;
  /** A resource's physical name, e.g. of a table or bucket, by its logical id. */
  nameOf(logicalId: string): string;
  /** @throws Error named after the function's error */
  invoke(functionNameOrLogicalId: string, payload: unknown): Promise<unknown>;
  /** Written down when it resolves; delivered some time after. */
  putEvent(event: EventEntry): Promise<void>;
  /** Ends the function's threads at once; what they were doing fails. */
  killFunction(functionNameOrLogicalId: string): void;
  /** Resolves when no message, event, invocation or execution is under way. */
  waitUntilIdle(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const shutdown = createShutdown();
  try {
    return await start(options, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(options: LocalStackOptions, shutdown: Shutdown): Promise<LocalStack> {
  const context = await createRunContext(options, shutdown);
  for (const warning of unknownTypes(context.stack)) context.report(warning);
  const messaging = await startEmulators(context);
  const host = hostFunctions(context);
  const events = connectEvents(context, host, messaging);
  const services = await startServices(context, host, events);
  await startApi(context, host);
  const pollers = setInMotion(context, host, messaging, events, services);
  return localStack(context, host, events, services, pollers);
}

async function startApi({ stack, ports, report, shutdown }: RunContext, host: FunctionHost): Promise<void> {
  const api = readHttpApi(stack, host, report);
  if (!api) return;
  const server = await startHttpApi(ports.api, api, host);
  shutdown.add(() => server.stop());
}

/** Everything is there: what a former run left behind goes on, and whatever waits for messages and times begins to. */
function setInMotion(
  { stack, options, report, shutdown }: RunContext,
  host: FunctionHost,
  messaging: FauxqsEmulator,
  { deliveries, objectEvents, executions }: Events,
  { scheduler }: Services,
): QueuePoller[] {
  const pollers = readQueueMappings(stack, host, messaging, report).map((mapping) =>
    createQueuePoller(mapping, host, messaging, options),
  );
  // These stop first, so that what then ends in the middle of its work is not taken for a failure.
  shutdown.add(() => {
    for (const poller of pollers) poller.stop();
    scheduler.stop();
    deliveries.stop();
    executions.suspend();
  });
  deliveries.resume();
  objectEvents.catchUp();
  executions.resume();
  scheduler.start();
  for (const poller of pollers) poller.start();
  return pollers;
}

function localStack(
  { stack, apiUrl, endpoints, shutdown }: RunContext,
  host: FunctionHost,
  { bus, deliveries, executions }: Events,
  { secrets }: Services,
  pollers: QueuePoller[],
): LocalStack {
  const existing = (name: string): FunctionDefinition => {
    const definition = host.find(stack.find(name)?.logicalId ?? name);
    if (!definition) throw new Error(`There is no function ${name}. There are: ${host.names.join(', ')}.`);
    return definition;
  };
  const isIdle = () =>
    host.busy === 0 &&
    deliveries.pending === 0 &&
    executions.running === 0 &&
    pollers.every(({ backlog }) => backlog === 0);
  return {
    apiUrl,
    endpoints,
    outputs: stack.outputs(),
    functionNames: host.names,
    secret: (name) => secrets.value(physicalName(stack, name)),
    nameOf: (logicalId) => stack.nameOf(logicalId),
    invoke: async (name, payload) => invoke(host, existing(name), payload),
    putEvent: async (event) => {
      bus.put(event);
    },
    killFunction: (name) => host.kill(existing(name)),
    waitUntilIdle: () => untilIdle(isIdle),
    stop: () => shutdown.run(),
  };
}

function physicalName(stack: StackModel, logicalIdOrName: string): string {
  return stack.find(logicalIdOrName) ? stack.nameOf(logicalIdOrName) : logicalIdOrName;
}

async function invoke(host: FunctionHost, definition: FunctionDefinition, payload: unknown): Promise<unknown> {
  const outcome = await host.invoke(definition, payload, 'now');
  if (outcome.ok) return JSON.parse(outcome.payload);
  const error = new Error(outcome.error.errorMessage);
  error.name = outcome.error.errorType;
  throw error;
}
