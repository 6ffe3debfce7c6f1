/** What the host and a function's worker thread tell each other. */

/** Handed to the thread when it starts. */
export interface WorkerSetup {
  codeDirectory: string;
  /** As in the template, e.g. `index.handler`. */
  handler: string;
  functionName: string;
  functionArn: string;
  memoryMegabytes: number;
  /** Whether the thread is to let others go first. */
  yields: boolean;
  /** A file that lines are appended to, `stderr`, or nothing at all. */
  log: { file: string } | 'stderr' | 'none';
}

export interface InvokeMessage {
  requestId: string;
  event: unknown;
  /** Epoch milliseconds at which the thread will be ended. */
  deadline: number;
}

/** What Lambda reports of a failed invocation. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** The payload is JSON text, `null` for a handler that returned nothing. */
export type InvocationOutcome = { ok: true; payload: string } | { ok: false; error: FunctionError };

export type WorkerMessage = { kind: 'ready' } | { kind: 'outcome'; outcome: InvocationOutcome };
