import type { z } from 'zod';

/** An event does not have the shape that its sender and this function agreed on: no retry makes it better. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** `value` as `schema` has it; else an `InvalidInputError` that names every wrong member, but not its content. */
export function parseInput<Input>(schema: z.ZodType<Input>, value: unknown): Input {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(the whole)'}: ${message}`);
  throw new InvalidInputError(`The input is not valid. ${wrong.join('; ')}`);
}
