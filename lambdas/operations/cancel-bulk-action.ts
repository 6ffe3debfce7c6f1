import type { Caller } from '../model/account.ts';
import { type BulkAction, hasEnded } from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import { endAction, type FinishStores } from '../steps/finish-action.ts';
import { writeSummary } from '../steps/write-summary.ts';
import type { ActionRequests } from '../store/action-requests.ts';
import type { Executions } from '../store/executions.ts';
import type { Schedules } from '../store/schedules.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';

export interface CancelStores extends FinishStores {
  readonly requests: ActionRequests;
  readonly executions: Executions;
  readonly bucket: SheetBucket;
  readonly schedules: Pick<Schedules, 'delete'>;
}

/**
 * Cancels an action that has not ended. Cancelling it again changes nothing, and finishes what an attempt before that
 * was cut off had left.
 * @throws ProblemError `illegal_transition` for an action that has ended in another way, which includes one that does so
 * at the same moment and is first.
 */
export async function cancelBulkAction(
  stores: CancelStores,
  { accountId }: Caller,
  actionId: string,
): Promise<BulkAction> {
  const action = await markCancelled(stores, await stores.actions.get(accountId, actionId));
  if (hasEnded(action)) return action;
  if (action.waitingFor === 'start') await stores.schedules.delete(action);
  await dropUpload(stores.bucket, action);
  if (hasNotBegun(action)) await endUnbegun(stores, action);
  else await stores.executions.cancel(action);
  // The mapping is its reference's, not the action's: the execution that runs it goes on to the end of it.
  if (action.status !== 'mapping') await stores.executions.stop(action);
  return stores.actions.get(accountId, actionId);
}

/** The action as it is once the mark is there. */
async function markCancelled({ actions, requests }: CancelStores, seen: BulkAction): Promise<BulkAction> {
  refuseOtherEnd(seen);
  if (!hasEnded(seen)) await requests.cancel(seen);
  const action = await actions.get(seen.accountId, seen.actionId);
  refuseOtherEnd(action);
  // A run that somebody began in between is another one, and was not meant.
  if (action.run === seen.run) return action;
  throw new ProblemError('illegal_transition', 'The action has been started again meanwhile. Look at it first.');
}

function refuseOtherEnd(action: BulkAction): void {
  if (!hasEnded(action) || action.status === 'cancelled') return;
  const detail = `The action is ${action.status}; there is nothing left to cancel. POST …/undo takes back what it did.`;
  throw new ProblemError('illegal_transition', detail, { actionStatus: action.status });
}

/** No row of its sheet has been looked at, and with the mark on it no step can move it on: it ends at once. */
function hasNotBegun({ status, run }: BulkAction): boolean {
  return status === 'pending' && run === 0;
}

/** There is no row to report about; whoever asks for the report still learns what became of the action. */
async function endUnbegun(stores: CancelStores, action: BulkAction): Promise<void> {
  await writeSummary(stores.bucket, action, 'fail');
  await endAction(stores, action, 'cancelled');
}

/** Parts that have arrived of an upload that nobody waits for any more are not to be kept, nor paid for. */
async function dropUpload(bucket: SheetBucket, { status, source }: BulkAction): Promise<void> {
  if (status !== 'pending' || source.kind !== 'upload' || source.uploadId === undefined) return;
  await bucket.abortMultipart(source.key, source.uploadId);
}
