import { Logger } from '@aws-lambda-powertools/logger';
import type { FunctionName } from '../model/environments.ts';

const loggers = new Map<FunctionName, Logger>();

/**
 * The function's logger: JSON lines with the function's name and, inside a handler, the request and the action it
 * works on. One instance a function, so that its code and its handler stack share that context.
 * Log identifiers, counts and codes; never cells, keys or presigned addresses.
 */
export function createLogger(name: FunctionName): Logger {
  const known = loggers.get(name);
  if (known) return known;
  const logger = new Logger({ persistentKeys: { function: name } });
  loggers.set(name, logger);
  return logger;
}
