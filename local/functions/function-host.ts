/** Runs the stack's functions in worker threads: warm reuse, timeouts, and the two caps on concurrency. */
import { randomUUID } from 'node:crypto';
import { type FunctionWorker, startFunctionWorker } from './function-worker.ts';
import type { InvocationOutcome, WorkerSetup } from './messages.ts';

/** A function as the template describes it. */
export interface FunctionDefinition {
  logicalId: string;
  name: string;
  arn: string;
  codeDirectory: string;
  handler: string;
  /** The template's variables, resolved when the first thread starts: they may name what a custom resource created. */
  variables(): Record<string, string>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  reservedConcurrency?: number;
}

/**
 * Who waits for the answer. `now`: somebody who called it (HTTP, an SDK): runs at once, or is throttled by the function's
 * reserved concurrency. `work`: a queue, an event or a state machine: waits for a free place of the host.
 */
export type Urgency = 'now' | 'work';

export interface FunctionHost {
  names: string[];
  find(nameOrArnOrLogicalId: string): FunctionDefinition | undefined;
  /** @throws ThrottledError when `now` and the function's reserved concurrency is used up */
  invoke(definition: FunctionDefinition, event: unknown, urgency: Urgency): Promise<InvocationOutcome>;
  /** Whether `work` for this function would start at once. */
  hasRoom(definition: FunctionDefinition): boolean;
  /** Called whenever an invocation has ended, so whenever there may be room again. */
  onRoom(listener: () => void): void;
  /** Invocations that run or wait. */
  readonly busy: number;
  workerByAccessKey(accessKeyId: string): { worker: FunctionWorker; functionName: string } | undefined;
  /** Ends every thread of the function; its running invocations fail. */
  kill(definition: FunctionDefinition): void;
  stop(): Promise<void>;
}

export interface FunctionHostOptions {
  definitions: FunctionDefinition[];
  /** How many invocations of `work` may run at a time. */
  concurrency: number;
  log(functionName: string): WorkerSetup['log'];
  /** What Lambda itself would set: credentials, region, endpoints. */
  baseEnvironment(definition: FunctionDefinition, accessKeyId: string): Record<string, string>;
}

/** Lambda's answer 429 to a caller. */
export class ThrottledError extends Error {
  override name = 'Lambda.TooManyRequestsException';
}

/** An idle thread costs memory only, but a stack has many functions. */
const IDLE_LIMIT_MS = 120_000;

interface Pool {
  definition: FunctionDefinition;
  /** Most recently used last, each with the timer that ends it. */
  idle: Array<{ worker: FunctionWorker; expiry: NodeJS.Timeout }>;
  all: Set<FunctionWorker>;
  running: number;
}

export function createFunctionHost({
  definitions,
  concurrency,
  log,
  baseEnvironment,
}: FunctionHostOptions): FunctionHost {
  const pools = new Map<string, Pool>(
    definitions.map((definition) => [definition.name, { definition, idle: [], all: new Set(), running: 0 }]),
  );
  const byAnyName = new Map(definitions.flatMap((d) => [d.name, d.arn, d.logicalId].map((key) => [key, d] as const)));
  const byAccessKey = new Map<string, { worker: FunctionWorker; functionName: string }>();
  const waiting: Array<{ pool: Pool; start: () => void }> = [];
  const roomListeners: Array<() => void> = [];
  let working = 0;
  let calls = 0;
  let threadsStarted = 0;
  let stopped = false;

  const poolOf = ({ name }: FunctionDefinition): Pool => pools.get(name) as Pool;
  const belowReserve = ({ definition, running }: Pool): boolean =>
    running < (definition.reservedConcurrency ?? Number.POSITIVE_INFINITY);
  const mayWork = (pool: Pool): boolean => working < concurrency && belowReserve(pool);

  function startWorker(pool: Pool): FunctionWorker {
    const { definition } = pool;
    const accessKeyId = `LOCALTHREAD${String(++threadsStarted).padStart(9, '0')}`;
    const { codeDirectory, handler, name: functionName, arn: functionArn, memoryMegabytes } = definition;
    const setup: WorkerSetup = {
      codeDirectory,
      handler,
      functionName,
      functionArn,
      memoryMegabytes,
      log: log(functionName),
    };
    const environment = { ...baseEnvironment(definition, accessKeyId), ...definition.variables() };
    const worker = startFunctionWorker(setup, environment, () => forget(pool, worker));
    pool.all.add(worker);
    byAccessKey.set(accessKeyId, { worker, functionName });
    return worker;
  }

  function forget(pool: Pool, worker: FunctionWorker): void {
    pool.all.delete(worker);
    for (const { expiry } of pool.idle.filter((idle) => idle.worker === worker)) clearTimeout(expiry);
    pool.idle = pool.idle.filter((idle) => idle.worker !== worker);
    byAccessKey.delete(worker.accessKeyId);
  }

  async function run(pool: Pool, event: unknown, urgency: Urgency): Promise<InvocationOutcome> {
    pool.running++;
    if (urgency === 'work') working++;
    const worker = takeWarm(pool) ?? startWorker(pool);
    try {
      return await worker.invoke(randomUUID(), event, pool.definition.timeoutSeconds * 1000);
    } finally {
      pool.running--;
      if (urgency === 'work') working--;
      if (worker.alive) keepWarm(pool, worker);
      offerRoom();
    }
  }

  function takeWarm(pool: Pool): FunctionWorker | undefined {
    const idle = pool.idle.pop();
    clearTimeout(idle?.expiry);
    return idle?.worker;
  }

  function keepWarm(pool: Pool, worker: FunctionWorker): void {
    pool.idle.push({ worker, expiry: setTimeout(() => retire(pool, worker), IDLE_LIMIT_MS).unref() });
  }

  /** A thread takes a moment to end; until then nobody may be given it. */
  function retire(pool: Pool, worker: FunctionWorker): void {
    forget(pool, worker);
    worker.kill();
  }

  function offerRoom(): void {
    for (let index = 0; index < waiting.length && working < concurrency; ) {
      const { pool, start } = waiting[index] as (typeof waiting)[number];
      if (belowReserve(pool)) {
        waiting.splice(index, 1);
        start();
      } else index++;
    }
    for (const listener of roomListeners) listener();
  }

  return {
    names: definitions.map(({ name }) => name),
    find: (key) => byAnyName.get(key),
    async invoke(definition, event, urgency) {
      const pool = poolOf(definition);
      if (stopped)
        return { ok: false, error: { errorType: 'Runtime.ExitError', errorMessage: 'The local stack is stopping.' } };
      if (urgency === 'now' && !belowReserve(pool)) throw new ThrottledError(`Rate Exceeded: ${definition.name}`);
      calls++;
      try {
        if (urgency === 'work' && !mayWork(pool)) {
          await new Promise<void>((resolve) => waiting.push({ pool, start: resolve }));
        }
        return await run(pool, event, urgency);
      } finally {
        calls--;
      }
    },
    hasRoom: (definition) => !stopped && mayWork(poolOf(definition)),
    onRoom: (listener) => roomListeners.push(listener),
    get busy() {
      return calls;
    },
    workerByAccessKey: (accessKeyId) => byAccessKey.get(accessKeyId),
    kill: (definition) => {
      const pool = poolOf(definition);
      for (const worker of pool.all) retire(pool, worker);
    },
    async stop() {
      stopped = true;
      for (const pool of pools.values()) for (const worker of pool.all) retire(pool, worker);
    },
  };
}
