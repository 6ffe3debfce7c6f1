import type { Context } from 'aws-lambda';
import type { z } from 'zod';
import type { FunctionName } from '../model/environments.ts';
import { addLogContext } from './log-context.ts';
import { type AsyncHandler, loggedErrors, observedHandler } from './observed-handler.ts';
import { parseInput } from './parse-input.ts';

export interface StepContext {
  /** Milliseconds until Lambda ends the function. */
  remainingMs(): number;
}

/**
 * The handler of a function that a state machine calls. The state's input is checked by `schema`; errors go on to
 * Step Functions, which matches its retries and catches by their `name`.
 */
export function stepHandler<Input, Output>(
  name: FunctionName,
  schema: z.ZodType<Input>,
  run: (input: Input, context: StepContext) => Promise<Output>,
): AsyncHandler<unknown, Output> {
  const handle = async (event: unknown, context: Context): Promise<Output> => {
    const input = parseInput(schema, event);
    addLogContext(name, input);
    return run(input, { remainingMs: () => context.getRemainingTimeInMillis() });
  };
  return observedHandler(name, handle, loggedErrors(name));
}
