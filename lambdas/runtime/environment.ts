import type { z } from 'zod';
import { type Environment, environments, type FunctionName } from '../model/environments.ts';

/** The function cannot start: its environment is not what its schema says. Names every wrong variable at once. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/**
 * The environment of the function `name`, checked and typed. Called once while the function starts, so that a wrong
 * deployment fails before the first event and not in the middle of one.
 */
export function readEnvironment<Name extends FunctionName>(
  name: Name,
  source: NodeJS.ProcessEnv = process.env,
): Environment<Name> {
  // An indexed access by a type parameter loses the tie between schema and result; the table keeps it by construction.
  const schema = environments[name] as unknown as z.ZodType<Environment<Name>>;
  const read = schema.safeParse(source);
  if (read.success) return read.data;
  const wrong = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new EnvironmentError(`The environment of ${name} is not valid. ${wrong.join('; ')}`);
}
