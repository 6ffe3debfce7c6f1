import type { ProcessDefinition } from '../model/process.ts';
import { boundaryCreation } from './boundary-creation.ts';
import { campaignCreation } from './campaign-creation.ts';
import { companyProcesses } from './company.ts';
import { contactProcesses } from './contact.ts';
import { facilityCreation } from './facility-creation.ts';
import { leadProcesses } from './lead.ts';
import { productProcesses } from './product.ts';
import { userCreation } from './user-creation.ts';

const registered = registry([
  boundaryCreation,
  campaignCreation,
  facilityCreation,
  userCreation,
  ...companyProcesses,
  ...contactProcesses,
  ...leadProcesses,
  ...productProcesses,
]);

/** The processes by name. Refuses two with one name, and references to what no process makes for a whole account. */
export function registry(processes: readonly ProcessDefinition[]): ReadonlyMap<string, ProcessDefinition> {
  const byName = new Map<string, ProcessDefinition>();
  for (const process of processes) {
    if (byName.has(process.name)) throw new Error(`There are two processes named ${process.name}`);
    byName.set(process.name, process);
  }
  checkReferences(processes);
  return byName;
}

function checkReferences(processes: readonly ProcessDefinition[]): void {
  const shared = new Set(processes.filter((process) => process.entityScope === 'account').map(({ entity }) => entity));
  for (const { name, references = {} } of processes) {
    for (const reference of Object.values(references)) {
      if (reference && !shared.has(reference.entity)) {
        throw new Error(`${name}: no process makes a ${reference.entity} that its whole account has`);
      }
    }
  }
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
