/** Runs the stack's functions in worker threads: warm reuse, timeouts, and the two caps on concurrency. */
import { randomUUID } from 'node:crypto';
import { createFairPlaces } from './fair-places.ts';
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
 * Who waits for the answer. `now`: somebody who called it (HTTP, an SDK): runs whatever else does, or is throttled by the
 * function's reserved concurrency. `work`: a queue, an event or a state machine: waits for a free place of the host.
 */
export type Urgency = 'now' | 'work';

export interface FunctionHost {
  names: string[];
  find(nameOrArnOrLogicalId: string): FunctionDefinition | undefined;
  /**
   * `group`: of whom the `work` is, e.g. an execution; those take turns.
   * @throws ThrottledError when `now` and the function's reserved concurrency is used up
   */
  invoke(definition: FunctionDefinition, event: unknown, urgency: Urgency, group?: string): Promise<InvocationOutcome>;
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

/**
 * Calls that one function answers at a time, a thread each; more of them take their turn. On Lambda they would all run,
 * but here a flood of callers would only take the machine's memory, and nobody would be answered sooner.
 */
const CALLS_LIMIT = 16;

/** An idle thread costs memory only, but a stack has many functions. */
const IDLE_LIMIT_MS = 120_000;

interface Pool {
  definition: FunctionDefinition;
  /** Most recently used last, each with the timer that ends it. */
  idle: Array<{ worker: FunctionWorker; expiry: NodeJS.Timeout }>;
  all: Set<FunctionWorker>;
  running: number;
  /** Calls that run, and those that wait for one of them to end. */
  calling: number;
  callers: Array<() => void>;
}

export function createFunctionHost({
  definitions,
  concurrency,
  log,
  baseEnvironment,
}: FunctionHostOptions): FunctionHost {
  const pools = new Map<string, Pool>(
    definitions.map((definition) => [
      definition.name,
      { definition, idle: [], all: new Set(), running: 0, calling: 0, callers: [] },
    ]),
  );
  const byAnyName = new Map(definitions.flatMap((d) => [d.name, d.arn, d.logicalId].map((key) => [key, d] as const)));
  const byAccessKey = new Map<string, { worker: FunctionWorker; functionName: string }>();
  const places = createFairPlaces(concurrency);
  const roomListeners: Array<() => void> = [];
  let calls = 0;
  let threadsStarted = 0;
  let stopped = false;

  const poolOf = ({ name }: FunctionDefinition): Pool => pools.get(name) as Pool;
  const belowReserve = ({ definition, running }: Pool): boolean =>
    running < (definition.reservedConcurrency ?? Number.POSITIVE_INFINITY);

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

  async function run(pool: Pool, event: unknown): Promise<InvocationOutcome> {
    pool.running++;
    const worker = takeWarm(pool) ?? startWorker(pool);
    try {
      return await worker.invoke(randomUUID(), event, pool.definition.timeoutSeconds * 1000);
    } finally {
      pool.running--;
      if (worker.alive) keepWarm(pool, worker);
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

  /** Runs a call in its turn. */
  async function answerCall(pool: Pool, event: unknown): Promise<InvocationOutcome> {
    if (pool.calling < CALLS_LIMIT) pool.calling++;
    else await new Promise<void>((resolve) => pool.callers.push(resolve));
    try {
      return await run(pool, event);
    } finally {
      const next = pool.callers.shift();
      if (next) next();
      else pool.calling--;
      offerRoom();
    }
  }

  /** Does work when there is a place for it. */
  async function work(pool: Pool, event: unknown, group?: string): Promise<InvocationOutcome> {
    const turn = places.take(group, () => belowReserve(pool));
    if (turn) await turn;
    try {
      return await run(pool, event);
    } finally {
      places.leave(group);
      offerRoom();
    }
  }

  function offerRoom(): void {
    places.offer();
    for (const listener of roomListeners) listener();
  }

  return {
    names: definitions.map(({ name }) => name),
    find: (key) => byAnyName.get(key),
    async invoke(definition, event, urgency, group) {
      const pool = poolOf(definition);
      if (stopped)
        return { ok: false, error: { errorType: 'Runtime.ExitError', errorMessage: 'The local stack is stopping.' } };
      if (urgency === 'now' && !belowReserve(pool)) throw new ThrottledError(`Rate Exceeded: ${definition.name}`);
      calls++;
      try {
        return urgency === 'now' ? await answerCall(pool, event) : await work(pool, event, group);
      } finally {
        calls--;
      }
    },
    hasRoom: (definition) => !stopped && places.hasRoom() && belowReserve(poolOf(definition)),
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
