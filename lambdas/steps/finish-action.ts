import { type BulkAction, type Counts, hasEnded, verdictOf } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { ExecutionInput } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { EventBus } from '../store/event-bus.ts';
import type { ReferenceStore } from '../store/reference-store.ts';

export interface FinishStores {
  readonly actions: ActionStore;
  readonly references: ReferenceStore;
}

/** Ends the action with its verdict, gives its reference and process free and tells the world. */
export async function finishAction(
  stores: FinishStores & { readonly bus: EventBus },
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
  await stores.bus.publish('Bulk Action Ended', eventOf(action, status));
  return { status };
}

/** Sets the terminal status, then gives the claim free: a kill in between is mended by coming again. */
export async function endAction(
  { actions, references }: FinishStores,
  action: BulkAction,
  status: BulkAction['status'],
  change: Partial<Pick<BulkAction, 'counts' | 'problem'>> = {},
): Promise<void> {
  const counts = change.counts ?? action.counts;
  if (!hasEnded(action)) {
    await actions.transition(action.accountId, action.actionId, status, {
      ...change,
      finishedAt: new Date().toISOString(),
    });
  }
  const clean = leftClean(action, counts);
  await references.release(action, { counts, ...(clean !== undefined && { clean }) });
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

/** What subscribers are told: figures and names, no row. */
function eventOf(action: BulkAction, status: BulkAction['status']) {
  const { accountId, actionId, referenceId, processName, counts, revived } = action;
  return {
    accountId,
    actionId,
    referenceId,
    processName,
    status,
    counts,
    revived,
    report: `/api/bulk-actions/${actionId}/report`,
  };
}
