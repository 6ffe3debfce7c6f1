import type { BulkAction } from '../model/action.ts';
import type { ActionStore } from '../store/action-store.ts';
import { ActionOverError } from './batch-watch.ts';

/**
 * Ends a step that works on many rows once its action was cancelled; asked before each group of rows. Stopping the
 * execution alone would let the function that it waits for run on for minutes.
 * @param seen the action, if it has been read just now
 */
export async function refuseIfOver(
  actions: Pick<ActionStore, 'get'>,
  { accountId, actionId, run }: Pick<BulkAction, 'accountId' | 'actionId' | 'run'>,
  seen?: BulkAction,
): Promise<void> {
  const action = seen ?? (await actions.get(accountId, actionId));
  if (action.run === run && action.cancelRequestedAt === undefined) return;
  throw new ActionOverError('The action was cancelled, or runs anew.');
}
