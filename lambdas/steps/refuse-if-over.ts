import type { BulkAction } from '../model/action.ts';
import type { ActionStore } from '../store/action-store.ts';
import { ActionOverError } from './batch-watch.ts';

/**
 * Ends a step that works on many rows once its action was cancelled; asked between groups of rows. Stopping the execution
 * alone would let the function that it waits for run on for minutes.
 */
export async function refuseIfOver(
  actions: Pick<ActionStore, 'get'>,
  { accountId, actionId, run }: Pick<BulkAction, 'accountId' | 'actionId' | 'run'>,
): Promise<void> {
  const action = await actions.get(accountId, actionId);
  if (action.run === run && action.cancelRequestedAt === undefined) return;
  throw new ActionOverError('The action was cancelled, or runs anew.');
}
