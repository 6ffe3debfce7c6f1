import { z } from 'zod';
import type { FunctionName } from '../model/environments.ts';
import { createLogger } from './logger.ts';

/** What of an input may stand in every log line of its invocation. */
const contextSchema = z
  .object({
    accountId: z.string(),
    actionId: z.string(),
    run: z.number(),
    chunk: z.string(),
    referenceId: z.string(),
    processName: z.string(),
  })
  .partial();

/** Adds the identifiers that `input` carries to all further log lines of the invocation. */
export function addLogContext(name: FunctionName, input: unknown): void {
  const context = contextSchema.safeParse(input);
  if (context.success) createLogger(name).appendKeys(context.data);
}
