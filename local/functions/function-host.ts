/** Runs the stack's functions in worker threads: whose turn it is, timeouts, and the caps on concurrency. */
import { randomUUID } from 'node:crypto';
import { createFairPlaces } from './fair-places.ts';
import { type FunctionWorker, startFunctionWorker } from './function-worker.ts';
import type { InvocationOutcome, WorkerSetup } from './messages.ts';
import { createThreadPool, type ThreadPool } from './thread-pool.ts';

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
  /** Whether it lets all others go first when there are more of them than processors: nobody waits for a queue's messages. */
  yields: boolean;
}

/**
 * Who waits for the answer. `now`: somebody who called it (HTTP, an SDK): runs whatever else does, or is throttled by the
 * function's reserved concurrency. `step`: a state machine or an event: waits for a free place of the host. `message`: a
 * queue, which takes no more messages than it has places for. Steps wait for what messages bring about, so neither may take
 * the other's places.
 */
export type Urgency = 'now' | 'step' | 'message';

export interface FunctionHost {
  names: string[];
  find(nameOrArnOrLogicalId: string): FunctionDefinition | undefined;
  /**
   * `group`: of whom a `step` is, e.g. an execution; those take turns.
   * @throws ThrottledError when `now` and the function's reserved concurrency is used up
   */
  invoke(definition: FunctionDefinition, event: unknown, urgency: Urgency, group?: string): Promise<InvocationOutcome>;
  /** Whether a message would start this function at once. */
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
  /** How many steps may run at a time. */
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

/** Places beyond the others for executions that have no step under way. */
const SPARE_SHARE = 0.5;

interface Pool {
  definition: FunctionDefinition;
  threads: ThreadPool;
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
      {
        definition,
        threads: createThreadPool((onExit) => startThread(definition, onExit)),
        running: 0,
        calling: 0,
        callers: [],
      },
    ]),
  );
  const byAnyName = new Map(definitions.flatMap((d) => [d.name, d.arn, d.logicalId].map((key) => [key, d] as const)));
  const byAccessKey = new Map<string, { worker: FunctionWorker; functionName: string }>();
  const places = createFairPlaces(concurrency, Math.ceil(concurrency * SPARE_SHARE));
  const roomListeners: Array<() => void> = [];
  let calls = 0;
  let threadsStarted = 0;
  let stopped = false;

  const poolOf = ({ name }: FunctionDefinition): Pool => pools.get(name) as Pool;
  const belowReserve = ({ definition, running }: Pool): boolean =>
    running < (definition.reservedConcurrency ?? Number.POSITIVE_INFINITY);

  function startThread(definition: FunctionDefinition, onExit: () => void): FunctionWorker {
    const accessKeyId = `LOCALTHREAD${String(++threadsStarted).padStart(9, '0')}`;
    const { codeDirectory, handler, name: functionName, arn: functionArn, memoryMegabytes, yields } = definition;
    const setup: WorkerSetup = {
      codeDirectory,
      handler,
      functionName,
      functionArn,
      memoryMegabytes,
      yields,
      log: log(functionName),
    };
    const environment = { ...baseEnvironment(definition, accessKeyId), ...definition.variables() };
    const worker = startFunctionWorker(setup, environment, () => {
      byAccessKey.delete(accessKeyId);
      onExit();
    });
    byAccessKey.set(accessKeyId, { worker, functionName });
    return worker;
  }

  async function run(pool: Pool, event: unknown): Promise<InvocationOutcome> {
    const { definition, threads } = pool;
    pool.running++;
    try {
      const worker = await threads.take();
      const outcome = await worker.invoke(randomUUID(), event, definition.timeoutSeconds * 1000);
      threads.giveBack(worker);
      return outcome;
    } finally {
      pool.running--;
    }
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

  /** Takes a step when there is a place for it. */
  async function takeStep(pool: Pool, event: unknown, group: string): Promise<InvocationOutcome> {
    const turn = places.take(group, () => belowReserve(pool));
    if (turn) await turn;
    try {
      return await run(pool, event);
    } finally {
      places.leave(group);
      offerRoom();
    }
  }

  async function takeMessage(pool: Pool, event: unknown): Promise<InvocationOutcome> {
    try {
      return await run(pool, event);
    } finally {
      offerRoom();
    }
  }

  function invokeAs(urgency: Urgency, pool: Pool, event: unknown, group: string): Promise<InvocationOutcome> {
    if (urgency === 'now') return answerCall(pool, event);
    return urgency === 'step' ? takeStep(pool, event, group) : takeMessage(pool, event);
  }

  function offerRoom(): void {
    places.offer();
    for (const listener of roomListeners) listener();
  }

  return {
    names: definitions.map(({ name }) => name),
    find: (key) => byAnyName.get(key),
    async invoke(definition, event, urgency, group = definition.arn) {
      const pool = poolOf(definition);
      if (stopped)
        return { ok: false, error: { errorType: 'Runtime.ExitError', errorMessage: 'The local stack is stopping.' } };
      if (urgency === 'now' && !belowReserve(pool)) throw new ThrottledError(`Rate Exceeded: ${definition.name}`);
      calls++;
      try {
        return await invokeAs(urgency, pool, event, group);
      } finally {
        calls--;
      }
    },
    hasRoom: (definition) => !stopped && belowReserve(poolOf(definition)),
    onRoom: (listener) => roomListeners.push(listener),
    get busy() {
      return calls;
    },
    workerByAccessKey: (accessKeyId) => byAccessKey.get(accessKeyId),
    kill: (definition) => void poolOf(definition).threads.kill(),
    async stop() {
      stopped = true;
      await Promise.all([...pools.values()].map(({ threads }) => threads.stop()));
    },
  };
}
