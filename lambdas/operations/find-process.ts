import { ProblemError } from '../model/problem.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { allProcesses, findProcess } from '../processes/registry.ts';

/** The process that a request names. @throws ProblemError `not_found` that names those there are. */
export function knownProcess(name: string): ProcessDefinition {
  const process = findProcess(name);
  if (process) return process;
  const names = allProcesses().map((known) => known.name);
  throw new ProblemError('not_found', `There is no process ${name}. There are ${names.join(', ')}.`);
}
