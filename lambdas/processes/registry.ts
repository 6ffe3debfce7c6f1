import type { ProcessDefinition } from '../model/process.ts';
import { campaignCreation } from './campaign-creation.ts';
import { facilityCreation } from './facility-creation.ts';
import { userCreation } from './user-creation.ts';

const registered = registry([campaignCreation, facilityCreation, userCreation]);

/** The processes by name. Refuses two with one name. */
export function registry(processes: readonly ProcessDefinition[]): ReadonlyMap<string, ProcessDefinition> {
  const byName = new Map<string, ProcessDefinition>();
  for (const process of processes) {
    if (byName.has(process.name)) throw new Error(`There are two processes named ${process.name}`);
    byName.set(process.name, process);
  }
  return byName;
}

/** The process of that very name, if there is one. */
export function findProcess(name: string): ProcessDefinition | undefined {
  return registered.get(name);
}

/** All processes, in alphabetical order. */
export function allProcesses(): readonly ProcessDefinition[] {
  return [...registered.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** The process of that very name. Throws when there is none: whoever asks has found it registered before. */
export function requireProcess(name: string): ProcessDefinition {
  const process = registered.get(name);
  if (!process) throw new Error(`There is no process ${name}`);
  return process;
}
