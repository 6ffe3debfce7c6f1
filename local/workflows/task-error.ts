/** The errors of tasks, by the names that `Retry` and `Catch` match. */
import type { FunctionError } from '../functions/messages.ts';

export class TaskError extends Error {
  /** @param name what `ErrorEquals` compares; @param cause the text that Step Functions hands on as `Cause` */
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

/** Step Functions passes Lambda's whole error document on as the cause. */
export function functionTaskError({ errorType, errorMessage, trace = [] }: FunctionError): TaskError {
  return new TaskError(errorType, JSON.stringify({ errorType, errorMessage, trace }));
}
