/** What every part of one local run needs to know, settled before the first of them starts. */
import { readAssembly } from '../assembly/assembly.ts';
import { createStackModel, type StackModel } from '../assembly/stack-model.ts';
import type { ServiceEndpoints } from '../functions/function-definitions.ts';
import type { LocalStackOptions } from '../local-stack-options.ts';
import { type Journal, openJournal } from '../state/journal.ts';
import { choosePorts, type Ports } from '../state/ports.ts';
import type { Shutdown } from '../state/shutdown.ts';
import { openStateDirectory, type StateDirectory } from '../state/state-directory.ts';

export interface RunContext {
  options: LocalStackOptions;
  stack: StackModel;
  state: StateDirectory;
  journal: Journal;
  ports: Ports;
  apiUrl: string;
  /** Where the services answer. */
  endpoints: ServiceEndpoints;
  /** Where functions send their requests: the same, or the interceptor's proxy. */
  functionEndpoints: ServiceEndpoints;
  shutdown: Shutdown;
  report(message: string): void;
}

const DEFAULT_PORT = 4600;

export async function createRunContext(options: LocalStackOptions, shutdown: Shutdown): Promise<RunContext> {
  const assembly = readAssembly(options.assemblyDirectory, options.stackName);
  const state = openStateDirectory(options.stateDirectory);
  shutdown.add(() => state.release());
  const ports = await choosePorts(options.port ?? DEFAULT_PORT);
  const apiUrl = local(ports.api);
  const endpoints = endpointsOn({ ...ports });
  const { proxy } = ports;
  const functionEndpoints = options.interceptor
    ? endpointsOn({ messaging: proxy, dynamodb: proxy, control: proxy })
    : endpoints;
  const journal = openJournal(state.journalPath);
  shutdown.add(() => journal.close());
  return {
    options,
    // The SDK sends a queue's requests to the host in the queue's URL.
    stack: createStackModel(assembly, { apiUrl, queueUrlBase: functionEndpoints.sqs }),
    state,
    journal,
    ports,
    apiUrl,
    endpoints,
    functionEndpoints,
    shutdown,
    report: options.report ?? ((message) => process.stderr.write(`local: ${message}\n`)),
  };
}

function endpointsOn({
  messaging,
  dynamodb,
  control,
}: Pick<Ports, 'messaging' | 'dynamodb' | 'control'>): ServiceEndpoints {
  const url = local(messaging);
  return { dynamodb: local(dynamodb), s3: url, sqs: url, sns: url, control: local(control) };
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}
