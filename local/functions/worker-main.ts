/** Runs inside a worker thread: loads one function's bundle and answers one invocation at a time. */
import { existsSync, openSync, readlinkSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { constants, getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionError, InvocationOutcome, InvokeMessage, WorkerMessage, WorkerSetup } from './messages.ts';

type Callback = (error: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: Record<string, unknown>, callback?: Callback) => unknown;

const setup = workerData as WorkerSetup;
let requestId = '';
let compiledKept = false;
captureOutput();
if (setup.yields) letOthersGoFirst();
const loaded = loadHandler().catch((error: unknown) => importFailure(error));

parentPort?.on('message', async (message: InvokeMessage) => {
  requestId = message.requestId;
  post({ kind: 'outcome', outcome: await run(message) });
  keepCompiled();
});
await loaded;
post({ kind: 'ready' });

/** For the function's other threads, once it has run through. Left alone, Node would do it when this thread ends. */
function keepCompiled(): void {
  if (!compiledKept) flushCompileCache();
  compiledKept = true;
}

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

async function loadHandler(): Promise<Handler> {
  const [, modulePath = '', exportPath = ''] = /^(.*)\.([^./]+)$/.exec(setup.handler) ?? [];
  const file = ['.mjs', '.js', '.cjs']
    .map((ending) => join(setup.codeDirectory, modulePath + ending))
    .find((path) => existsSync(path));
  if (!file) throw new Error(`Cannot find module '${modulePath}' in ${setup.codeDirectory}`);
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown> & {
    default?: Record<string, unknown>;
  };
  const handler = module[exportPath] ?? module.default?.[exportPath];
  if (typeof handler !== 'function') throw new Error(`${setup.handler} is undefined or not exported`);
  return handler as Handler;
}

/**
 * Lowers the priority of this thread alone. Linux has one for each thread, under the number that it goes by in `/proc`; elsewhere
 * there is only the whole process, whose own work others do wait for.
 */
function letOthersGoFirst(): void {
  if (process.platform !== 'linux') return;
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
  // Below the others also where all of them were started at a lower one.
  setPriority(thread, Math.min(getPriority(thread) + PRIORITY_BELOW_NORMAL, PRIORITY_LOW));
}

function importFailure(error: unknown): FunctionError {
  return { ...describe(error), errorType: 'Runtime.ImportModuleError' };
}

async function run(message: InvokeMessage): Promise<InvocationOutcome> {
  const handler = await loaded;
  if (typeof handler !== 'function') return { ok: false, error: handler };
  try {
    const result = await call(handler, message);
    return { ok: true, payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

function call(handler: Handler, { event, deadline, requestId }: InvokeMessage): unknown {
  const context = {
    awsRequestId: requestId,
    functionName: setup.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: setup.functionArn,
    memoryLimitInMB: String(setup.memoryMegabytes),
    logGroupName: `/aws/lambda/${setup.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  // A handler that takes a third parameter answers through it unless it returns a promise.
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (returned instanceof Promise) returned.then(resolve, reject);
  });
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return {
    errorType: error.name || error.constructor.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n').slice(0, 20),
  };
}

/** Output is written by this thread itself: passing it through the main thread would slow down everybody. */
function captureOutput(): void {
  const target = setup.log === 'none' ? undefined : setup.log === 'stderr' ? 2 : openSync(setup.log.file, 'a');
  const write = (chunk: string | Uint8Array): boolean => {
    if (target !== undefined) writeSync(target, asLines(String(chunk)));
    return true;
  };
  process.stdout.write = write as typeof process.stdout.write;
  process.stderr.write = write as typeof process.stderr.write;
}

/** One JSON object a line: what is none yet is wrapped. */
function asLines(text: string): string {
  if (text.startsWith('{') && text.endsWith('}\n') && text.indexOf('\n') === text.length - 1) return text;
  return `${JSON.stringify({ time: new Date().toISOString(), requestId, message: text.trimEnd() })}\n`;
}
