/**
 * Runs a synthesized stack on this machine. Everything comes from the assembly: tables, buckets, queues, functions, rules,
 * state machines and routes are those that would be deployed.
 */
import { readAssembly } from './assembly/assembly.ts';
import { createStackModel, type StackModel } from './assembly/stack-model.ts';
import { startControlServer } from './control/control-server.ts';
import { eventsActions } from './control/events-actions.ts';
import { lambdaService } from './control/lambda-service.ts';
import { createScheduler } from './control/scheduler.ts';
import { createSecrets } from './control/secrets.ts';
import { statesActions } from './control/states-actions.ts';
import { createCustomResources } from './deployment/custom-resources.ts';
import { unknownTypes } from './deployment/known-types.ts';
import { createBuckets, createQueues, createTopics } from './deployment/storage.ts';
import { createTables } from './deployment/tables.ts';
import { startDynoxide } from './emulators/dynoxide.ts';
import { startFauxqs } from './emulators/fauxqs.ts';
import { createDeliveries } from './events/deliveries.ts';
import { createEventBus, type EventEntry } from './events/event-bus.ts';
import { sendObjectEvents } from './events/object-created.ts';
import { createTargets } from './events/targets.ts';
import { publishTo } from './events/topics.ts';
import { type AwsInterceptor, startAwsProxy } from './faults/aws-interceptor.ts';
import { lambdaEnvironment, readFunctions, type ServiceEndpoints } from './functions/function-definitions.ts';
import { createFunctionHost, type FunctionDefinition, type FunctionHost } from './functions/function-host.ts';
import { startHttpApi } from './http/http-api.ts';
import { readHttpApi } from './http/read-http-api.ts';
import { readQueueMappings } from './queues/queue-mappings.ts';
import { createQueuePoller, type QueueFaults } from './queues/queue-poller.ts';
import { untilIdle } from './state/idle.ts';
import { openJournal } from './state/journal.ts';
import { choosePorts } from './state/ports.ts';
import { createShutdown } from './state/shutdown.ts';
import { openStateDirectory } from './state/state-directory.ts';
import { readWorkflow } from './workflows/definition.ts';
import { createExecutions } from './workflows/executions.ts';

export interface LocalStackOptions extends QueueFaults {
  /** Usually `cdk.out`. */
  assemblyDirectory: string;
  /** Needed only when the assembly holds more than one stack. */
  stackName?: string;
  /** The HTTP API's port, 4600 if absent; the other services take the next four. 0 = any free ports. */
  port?: number;
  /** Absent = ephemeral: nothing is left when the stack stops. */
  stateDirectory?: string;
  /** Where functions' output goes; `file` if absent, one NDJSON file a function under the state directory. */
  logTo?: 'file' | 'stderr' | 'none';
  /** For fault tests: decides on every AWS request of every function. Without it there is no proxy in between. */
  interceptor?: AwsInterceptor;
  /** How many invocations for queues, events and state machines run at a time. */
  hostConcurrency?: number;
  /** Environment variables by function name or logical id, or `*` for all functions. */
  environmentOverrides?: Record<string, Record<string, string>>;
  /** For fault tests: messages, events and schedules arrive twice. */
  duplicateDeliveries?: boolean;
  /** What the stack's owner should know, a line each; stderr if absent. */
  report?: (message: string) => void;
}

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

const DEFAULT_PORT = 4600;

/** Two cores keep eight waiting functions busy; more threads would only cost memory. */
const DEFAULT_CONCURRENCY = 8;

export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const assembly = readAssembly(options.assemblyDirectory, options.stackName);
  const report = options.report ?? ((message: string) => process.stderr.write(`local: ${message}\n`));
  const shutdown = createShutdown();
  try {
    return await start(options, assembly, report, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(
  options: LocalStackOptions,
  assembly: ReturnType<typeof readAssembly>,
  report: (message: string) => void,
  shutdown: ReturnType<typeof createShutdown>,
): Promise<LocalStack> {
  const state = openStateDirectory(options.stateDirectory);
  shutdown.add(() => state.release());
  const ports = await choosePorts(options.port ?? DEFAULT_PORT);
  const local = (port: number) => `http://127.0.0.1:${port}`;
  const apiUrl = local(ports.api);
  const endpoints: ServiceEndpoints = {
    dynamodb: local(ports.dynamodb),
    s3: local(ports.messaging),
    sqs: local(ports.messaging),
    sns: local(ports.messaging),
    control: local(ports.control),
  };
  const proxied = Object.fromEntries(
    Object.keys(endpoints).map((name) => [name, local(ports.proxy)]),
  ) as unknown as ServiceEndpoints;
  const functionEndpoints = options.interceptor ? proxied : endpoints;
  // The SDK sends queue requests to the host in the queue's URL.
  const stack = createStackModel(assembly, { apiUrl, queueUrlBase: functionEndpoints.sqs });
  for (const warning of unknownTypes(stack)) report(warning);

  const journal = openJournal(state.journalPath);
  shutdown.add(() => journal.close());
  const [dynamodb, messaging] = await Promise.all([
    startDynoxide({
      port: ports.dynamodb,
      databasePath: state.databasePath,
      onExit: (reason) => report(`DynamoDB is gone: ${reason}`),
    }),
    startFauxqs({
      port: ports.messaging,
      dataDirectory: state.messageDirectory,
      objectDirectory: state.objectDirectory,
    }),
  ]);
  shutdown.add(() => dynamodb.stop());
  shutdown.add(() => messaging.stop());

  const log = (functionName: string) =>
    options.logTo === 'stderr' || options.logTo === 'none' ? options.logTo : { file: state.logFile(functionName) };
  const host = createFunctionHost({
    definitions: readFunctions(stack, {
      inlineCodeDirectory: state.inlineCodeDirectory,
      overrides: options.environmentOverrides ?? {},
      warn: report,
    }),
    concurrency: options.hostConcurrency ?? DEFAULT_CONCURRENCY,
    log,
    baseEnvironment: (definition, accessKeyId) => lambdaEnvironment(definition, accessKeyId, functionEndpoints),
  });
  shutdown.add(() => host.stop());

  const publish = publishTo(messaging);
  const deliveries = createDeliveries({
    journal,
    twice: options.duplicateDeliveries ?? false,
    report,
    deliver: (delivery) => deliver(delivery),
  });
  const bus = createEventBus(stack, deliveries);
  const workflows = stack
    .ofType('AWS::StepFunctions::StateMachine')
    .map((resource) => readWorkflow(stack, resource, report));
  const executions = createExecutions(workflows, { host, messaging, bus, publish }, journal, bus);
  const deliver = createTargets({
    stack,
    host,
    messaging,
    publish,
    startExecution: (stateMachineArn, input, name) => {
      executions.start({ stateMachineArn, input, name, adoptEnded: true });
    },
    putEvent: (busName, payload) => {
      const { source, 'detail-type': detailType, detail, resources } = JSON.parse(payload);
      bus.put({ source, detailType, detail, resources, busName });
    },
  });

  createQueues(stack, messaging);
  createTopics(stack, messaging, deliveries, report);
  const objectEvents = sendObjectEvents(createBuckets(stack, messaging), messaging, bus, journal);
  await createTables(stack, endpoints.dynamodb);

  const secrets = createSecrets(stack, journal);
  const scheduler = createScheduler(stack, deliveries, journal);
  const customResources = createCustomResources(stack, host, journal, report);
  const control = await startControlServer(
    ports.control,
    { ...statesActions(executions), ...eventsActions(bus), ...secrets.actions },
    [lambdaService(host, deliveries), scheduler.service, customResources.service],
  );
  shutdown.add(() => control.stop());
  if (options.interceptor) await startProxy(options.interceptor, ports.proxy, endpoints, host, shutdown);
  await customResources.deploy(endpoints.control);

  const pollers = readQueueMappings(stack, host, messaging, report).map((mapping) =>
    createQueuePoller(mapping, host, messaging, options),
  );
  const api = readHttpApi(stack, host, report);
  if (api) {
    const server = await startHttpApi(ports.api, api, host);
    shutdown.add(() => server.stop());
  }

  deliveries.resume();
  objectEvents.catchUp();
  executions.resume();
  scheduler.start();
  for (const poller of pollers) poller.start();
  // First of all the parts that start new work, so that what ends afterwards is not taken for a failure.
  shutdown.add(() => {
    for (const poller of pollers) poller.stop();
    scheduler.stop();
    deliveries.stop();
    executions.suspend();
  });

  const existing = (name: string): FunctionDefinition => {
    const definition = host.find(stack.find(name)?.logicalId ?? name);
    if (!definition) throw new Error(`There is no function ${name}. There are: ${host.names.join(', ')}.`);
    return definition;
  };
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
    waitUntilIdle: () =>
      untilIdle(
        () =>
          host.busy +
            deliveries.pending +
            executions.running +
            pollers.reduce((sum, { backlog }) => sum + backlog, 0) ===
          0,
      ),
    stop: () => shutdown.run(),
  };
}

async function startProxy(
  interceptor: AwsInterceptor,
  port: number,
  endpoints: ServiceEndpoints,
  host: FunctionHost,
  shutdown: ReturnType<typeof createShutdown>,
): Promise<void> {
  const direct: Record<string, string> = {
    dynamodb: endpoints.dynamodb,
    s3: endpoints.s3,
    sqs: endpoints.sqs,
    sns: endpoints.sns,
  };
  const proxy = await startAwsProxy({
    port,
    interceptor,
    endpointOf: (service) => direct[service] ?? endpoints.control,
    workerByAccessKey: host.workerByAccessKey,
  });
  shutdown.add(() => proxy.stop());
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
