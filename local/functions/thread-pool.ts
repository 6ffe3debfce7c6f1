/** The threads of one function: kept warm for some time, and more of them loaded while somebody waits for one. */
import type { FunctionWorker } from './function-worker.ts';

/** An idle thread costs memory only, but a stack has many functions. */
const IDLE_LIMIT_MS = 120_000;

export interface ThreadPool {
  /**
   * A thread that is free: at once, or in one's turn the first to be loaded or given back. It may have died while it
   * loaded; its invocation says why.
   */
  take(): Promise<FunctionWorker>;
  /** When its invocation has ended. */
  giveBack(worker: FunctionWorker): void;
  /** Ends every thread. Resolves when they have ended. */
  kill(): Promise<void>;
  /** Ends every thread, and loads no other. */
  stop(): Promise<void>;
}

/** @param start starts a thread and calls `onExit` when it has ended, for whatever reason */
export function createThreadPool(start: (onExit: () => void) => FunctionWorker): ThreadPool {
  const all = new Set<FunctionWorker>();
  /** The most recently used last, each with the timer that ends it. */
  const idle = new Map<FunctionWorker, NodeJS.Timeout>();
  const waiting: Array<(worker: FunctionWorker) => void> = [];
  let loading = false;
  let stopped = false;

  function takeIdle(): FunctionWorker | undefined {
    const worker = [...idle.keys()].at(-1);
    if (worker) leaveIdle(worker);
    return worker;
  }

  function leaveIdle(worker: FunctionWorker): void {
    clearTimeout(idle.get(worker));
    idle.delete(worker);
  }

  /**
   * Loading takes longer than most invocations, and nothing but CPU. So it is one thread at a time: of a flood, most are
   * answered sooner by one that is there already than by one of their own.
   */
  function loadOne(): void {
    if (stopped || loading || waiting.length === 0) return;
    loading = true;
    const worker = start(() => forget(worker));
    all.add(worker);
    void worker.loaded.then(() => {
      loading = false;
      handOn(worker);
    });
  }

  /** To whoever waits longest; also a thread that died while it loaded, since otherwise nobody would learn why. */
  function handOn(worker: FunctionWorker): void {
    const next = waiting.shift();
    if (next) next(worker);
    else if (worker.alive) keepWarm(worker);
    loadOne();
  }

  function keepWarm(worker: FunctionWorker): void {
    idle.set(worker, setTimeout(() => void retire(worker), IDLE_LIMIT_MS).unref());
  }

  function forget(worker: FunctionWorker): void {
    all.delete(worker);
    leaveIdle(worker);
  }

  /** A thread takes a moment to end; until then nobody may be given it. */
  async function retire(worker: FunctionWorker): Promise<void> {
    forget(worker);
    await worker.kill();
  }

  async function kill(): Promise<void> {
    await Promise.all([...all].map(retire));
  }

  return {
    async take() {
      const worker = takeIdle();
      if (worker) return worker;
      const turn = new Promise<FunctionWorker>((resolve) => waiting.push(resolve));
      loadOne();
      return turn;
    },
    giveBack(worker) {
      if (worker.alive) handOn(worker);
      else loadOne();
    },
    kill,
    async stop() {
      stopped = true;
      await kill();
    },
  };
}
