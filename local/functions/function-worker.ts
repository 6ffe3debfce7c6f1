/** One worker thread of one function: started, given one invocation at a time, ended when it is late or no longer needed. */
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { FunctionError, InvocationOutcome, WorkerMessage, WorkerSetup } from './messages.ts';

export interface FunctionWorker {
  /** Names this thread in its AWS requests: see the interceptor. */
  readonly accessKeyId: string;
  /** Set while an invocation runs. */
  readonly requestId: string | undefined;
  /** False once the thread has ended or is about to. */
  readonly alive: boolean;
  /** Resolves when its code is loaded, or it has ended before. This is the cold start, which Lambda does not count either. */
  readonly loaded: Promise<void>;
  /** Once it is loaded. */
  invoke(requestId: string, event: unknown, timeoutMs: number): Promise<InvocationOutcome>;
  /** Ends the thread at once, as a crash of the machine would. Resolves when it has ended. */
  kill(): Promise<void>;
}

const THREAD_CODE = new URL('./worker-main.ts', import.meta.url);

export function startFunctionWorker(
  setup: WorkerSetup,
  environment: Record<string, string>,
  onExit: () => void,
): FunctionWorker {
  const thread = new Worker(THREAD_CODE, {
    workerData: setup,
    env: environment,
    resourceLimits: { maxOldGenerationSizeMb: setup.memoryMegabytes } satisfies ResourceLimits,
    // The main program's own flags (a test runner's loaders, say) are none of the function's business.
    execArgv: [],
    // The thread writes its output itself. Left alone, its streams would be piped into those of this program, and each
    // thread would add its listeners there.
    stdout: true,
    stderr: true,
  });
  let alive = true;
  let requestId: string | undefined;
  let settle: ((outcome: InvocationOutcome) => void) | undefined;
  let failure: FunctionError = {
    errorType: 'Runtime.ExitError',
    errorMessage: 'The runtime exited without providing a reason',
  };

  const loaded = new Promise<void>((resolve) => {
    thread.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') resolve();
      // What a thread says while it is being ended is lost, as with a machine that crashes.
      else if (alive) settle?.(message.outcome);
    });
    thread.once('exit', () => resolve());
  });
  const end = async (reason: FunctionError): Promise<void> => {
    alive = false;
    failure = reason;
    await thread.terminate();
  };
  thread.on('error', (error: Error) => {
    failure = { errorType: error.name || 'Error', errorMessage: error.message };
  });
  thread.once('exit', () => {
    alive = false;
    settle?.({
      ok: false,
      error: { ...failure, errorMessage: `RequestId: ${requestId} Error: ${failure.errorMessage}` },
    });
    onExit();
  });

  return {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    get requestId() {
      return requestId;
    },
    get alive() {
      return alive;
    },
    loaded,
    async invoke(id, event, timeoutMs) {
      requestId = id;
      if (!alive) return { ok: false, error: failure };
      return new Promise<InvocationOutcome>((resolve) => {
        const timer = setTimeout(() => {
          const seconds = (timeoutMs / 1000).toFixed(2);
          void end({ errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${seconds} seconds` });
        }, timeoutMs);
        settle = (outcome) => {
          clearTimeout(timer);
          settle = undefined;
          requestId = undefined;
          resolve(outcome);
        };
        thread.postMessage({ requestId: id, event, deadline: Date.now() + timeoutMs });
      });
    },
    kill: () => end({ errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: signal: killed' }),
  };
}
