import { type BulkAction, hasEnded, verdictOf } from '../model/action.ts';
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
  { accountId, actionId }: ExecutionInput,
  processOf: (name: string) => ProcessDefinition | undefined,
): Promise<Pick<BulkAction, 'status'>> {
  const action = await stores.actions.get(accountId, actionId);
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
  const clean = counts.failed + counts.unprocessed + action.revived.failed === 0;
  await references.release(action, { clean, counts });
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
