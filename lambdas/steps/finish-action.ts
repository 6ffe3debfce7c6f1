import { type BulkAction, type Counts, hasEnded, verdictOf } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { ExecutionInput } from '../model/steps.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { type AnnounceStores, announceEnd } from './announce-end.ts';

export interface FinishStores extends AnnounceStores {
  readonly references: ReferenceStore;
}

/** Ends the action with its verdict, gives its reference and process free and tells the world. */
export async function finishAction(
  stores: FinishStores,
  { accountId, actionId, run }: ExecutionInput,
  processOf: (name: string) => ProcessDefinition | undefined,
): Promise<Pick<BulkAction, 'status'>> {
  const action = await stores.actions.get(accountId, actionId);
  // A retry may follow the end at once, before this step has come again after a kill: the next run is not ours to end.
  if (action.run !== run) return { status: action.status };
  const status = hasEnded(action)
    ? action.status
    : verdictOf(action, processOf(action.processName)?.onFailedRow ?? 'fail');
  await endAction(stores, action, status);
  return { status };
}

/**
 * Sets the terminal status, then gives the claim free, then tells the world: a kill in between is mended by coming
 * again.
 */
export async function endAction(
  stores: FinishStores,
  action: BulkAction,
  status: BulkAction['status'],
  change: Partial<Pick<BulkAction, 'counts' | 'problem'>> = {},
): Promise<void> {
  const { actions, references } = stores;
  const counts = change.counts ?? action.counts;
  if (!hasEnded(action)) {
    await actions.transition(action.accountId, action.actionId, status, {
      ...change,
      finishedAt: new Date().toISOString(),
    });
  }
  const clean = leftClean(action, counts);
  await references.release(action, { counts, ...(clean !== undefined && { clean }) });
  await announceEnd(stores, await actions.get(action.accountId, action.actionId));
}

/**
 * Whether no row of the reference and process is left unsettled. Only a first run that got as far as reviving has seen
 * them all; an action that was refused or rejected before, or a retry, which looks at its own rows only, may find
 * rows left behind but never that there are none.
 */
function leftClean({ run, movement, revived }: BulkAction, counts: Counts): boolean | undefined {
  if (counts.failed + counts.unprocessed + revived.failed > 0) return false;
  return run === 0 && movement !== undefined ? true : undefined;
}
