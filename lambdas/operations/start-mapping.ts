import { randomUUID } from 'node:crypto';
import type { MappingRun } from '../model/mapping.ts';
import { claimOrSucceed } from '../steps/claim-mapping.ts';
import type { MappingExecutions } from '../store/mapping-executions.ts';
import type { MappingRuns } from '../store/mapping-runs.ts';
import type { ReferenceStore } from '../store/reference-store.ts';

interface Stores {
  readonly references: ReferenceStore;
  readonly mappingRuns: MappingRuns;
  readonly executions: MappingExecutions;
}

/**
 * Runs the reference's boundary mapping, or answers with the run that is under way: there is one at a time. The claim is
 * taken before the start; a call that dies in between leaves one that the next run takes over.
 */
export async function startMapping(
  { references, mappingRuns, executions }: Stores,
  reference: { accountId: string; referenceId: string },
  deadlineSeconds: number,
): Promise<MappingRun> {
  await references.existing(reference.accountId, reference.referenceId);
  const name = randomUUID();
  if (await claimOrSucceed({ mappingRuns, executions }, reference, executions.arnOf(name))) {
    const until = new Date(Date.now() + deadlineSeconds * 1_000).toISOString();
    await executions.start(name, { ...reference, until });
  }
  return mappingRuns.get(reference);
}
