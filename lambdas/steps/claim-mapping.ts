import type { MappingClaimResult, MappingRunInput } from '../model/mapping-steps.ts';
import type { MappingExecutions } from '../store/mapping-executions.ts';
import type { MappingRuns } from '../store/mapping-runs.ts';
import { DeadlineError } from './claim-reference.ts';

/** A run that waits for its turn looks this often; hours of it stay far below an execution's 25,000 events. */
const busySeconds = 5;

export interface MappingClaimStores {
  readonly mappingRuns: MappingRuns;
  readonly executions: Pick<MappingExecutions, 'isRunning'>;
}

/** Takes the reference's mapping for the execution: one run at a time. `busy` says: wait and come again. */
export async function claimMapping(stores: MappingClaimStores, input: MappingRunInput): Promise<MappingClaimResult> {
  if (await claimOrSucceed(stores, input, input.execution)) return { outcome: 'claimed', waitSeconds: 0 };
  if (new Date().toISOString() > input.until) {
    throw new DeadlineError('Another mapping of this reference ran until the deadline.');
  }
  return { outcome: 'busy', waitSeconds: busySeconds };
}

/** Takes the claim, also from an execution that ended without giving it back. */
export async function claimOrSucceed(
  { mappingRuns, executions }: MappingClaimStores,
  reference: { accountId: string; referenceId: string },
  execution: string,
): Promise<boolean> {
  if (await mappingRuns.claim(reference, execution)) return true;
  const holder = await mappingRuns.holder(reference);
  if (holder === undefined) return mappingRuns.claim(reference, execution);
  if (await executions.isRunning(holder)) return false;
  return mappingRuns.claim(reference, execution, holder);
}
