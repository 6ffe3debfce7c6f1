import { randomUUID } from 'node:crypto';
import { derivedUuid } from '../model/identity.ts';
import type { MappingRun } from '../model/mapping.ts';
import type { MappingExecutions } from '../store/mapping-executions.ts';
import type { MappingRuns } from '../store/mapping-runs.ts';
import type { ReferenceStore } from '../store/reference-store.ts';

interface Stores {
  readonly references: ReferenceStore;
  readonly mappingRuns: MappingRuns;
  readonly executions: MappingExecutions;
}

interface Reference {
  readonly accountId: string;
  readonly referenceId: string;
}

/**
 * Runs the reference's boundary mapping, or answers with the run that is under way: there is one at a time. The new
 * run's name follows from the last one, so that requests at the same moment start one between them.
 */
export async function startMapping(
  { references, mappingRuns, executions }: Stores,
  reference: Reference,
  deadlineSeconds: number,
): Promise<MappingRun> {
  await references.existing(reference.accountId, reference.referenceId);
  const last = await mappingRuns.get(reference);
  const holder = await mappingRuns.holder(reference);
  if (holder !== undefined && (await executions.isRunning(holder))) return mappingRuns.get(reference);

  const until = new Date(Date.now() + deadlineSeconds * 1_000).toISOString();
  const start = async (name: string, seen: { holder?: string | undefined; execution?: string | undefined }) => {
    await executions.start(name, { ...reference, until });
    await mappingRuns.announce(reference, executions.arnOf(name), seen);
    return mappingRuns.get(reference);
  };
  const run = await start(nameAfter(reference, last.execution), { holder, execution: last.execution });
  const execution = run.execution ?? '';
  if (run.status !== 'running' || (await executions.isRunning(execution))) return run;
  // It was stopped before it could take the mapping, and its name is used up.
  return start(randomUUID(), { holder: execution, execution });
}

function nameAfter({ accountId, referenceId }: Reference, lastExecution = ''): string {
  return derivedUuid('mapping run', accountId, referenceId, lastExecution);
}
