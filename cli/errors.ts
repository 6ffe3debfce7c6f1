/** What the process answers to its caller. */
export const exitCodes = {
  completed: 0,
  /** The action failed, wholly or in part, or the service had a fault. */
  failed: 1,
  /** The arguments, the sheet or the endpoint cannot be used. */
  unusable: 2,
  /** Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error for the person at the terminal: what happened, and in `hint` what to do about it. Shown without a stack. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, exitCode: ExitCode, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** The caller has to change something before it can work: an argument, the sheet, the endpoint, the key. */
export class UnusableError extends CliError {
  override readonly name = 'UnusableError';

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, exitCodes.unusable, hint, options);
  }
}

/** Ctrl-C while something goes on that can be taken up again: `hint` says how. */
export class InterruptedError extends CliError {
  override readonly name = 'InterruptedError';

  constructor(message: string, hint?: string) {
    super(message, exitCodes.interrupted, hint);
  }
}
