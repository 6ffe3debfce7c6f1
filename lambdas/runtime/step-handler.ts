import type { z } from 'zod';
import type { FunctionName } from '../model/environments.ts';
import { addLogContext } from './log-context.ts';
import { type AsyncHandler, loggedErrors, observedHandler } from './observed-handler.ts';
import { parseInput } from './parse-input.ts';

/**
 * The handler of a function that a state machine calls. The state's input is checked by `schema`; errors go on to
 * Step Functions, which matches its retries and catches by their `name`.
 */
export function stepHandler<Input, Output>(
  name: FunctionName,
  schema: z.ZodType<Input>,
  run: (input: Input) => Promise<Output>,
): AsyncHandler<unknown, Output> {
  const handle = async (event: unknown): Promise<Output> => {
    const input = parseInput(schema, event);
    addLogContext(name, input);
    return run(input);
  };
  return observedHandler(name, handle, loggedErrors(name));
}
