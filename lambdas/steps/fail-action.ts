import { type ActionProblem, type BulkAction, hasEnded } from '../model/action.ts';
import { cancelTimes } from '../model/cancellation.ts';
import { executionStopped, type FailInput, type FailResult } from '../model/steps.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { endAction, type FinishStores } from './finish-action.ts';
import { chunksOf } from './revive-rows.ts';

/**
 * Something in the action's execution failed for good, or the action was cancelled. Records what failed and names the
 * chunks that can still be settled, so that every row gets its answer; or, when even that failed, ends the action with
 * what is known.
 */
export async function failAction(
  stores: FinishStores & { bucket: SheetBucket },
  input: FailInput,
): Promise<FailResult> {
  const action = await stores.actions.get(input.accountId, input.actionId);
  if (action.run !== input.run) return nothingToSettle;
  if (hasEnded(action)) {
    await endAction(stores, action, action.status);
    return nothingToSettle;
  }
  if (input.abandon) {
    await abandonAction(stores, action, action.problem ?? problemOf(input));
    return nothingToSettle;
  }
  const settle = await chunksOf(stores.bucket, action);
  if (action.cancelRequestedAt !== undefined) return { settle, waitSeconds: lastWritesSeconds(action) };
  await stores.actions.record(action.accountId, action.actionId, { problem: action.problem ?? problemOf(input) });
  return { settle, waitSeconds: 0 };
}

const nothingToSettle: FailResult = { settle: [], waitSeconds: 0 };

/** Ends the action as it stands: what has not answered never will. */
export async function abandonAction(stores: FinishStores, action: BulkAction, problem: ActionProblem): Promise<void> {
  const { counts } = action;
  const rest = action.cancelRequestedAt === undefined ? 'unprocessed' : 'cancelled';
  await endAction(stores, action, rest === 'cancelled' ? 'cancelled' : 'failed', {
    ...(rest === 'unprocessed' && { problem }),
    counts: { ...counts, [rest]: counts[rest] + counts.pending, pending: 0 },
  });
}

/** Until what a cancelled action had under way is over; nothing is where its rows have all answered, or none is tracked. */
function lastWritesSeconds({ status }: BulkAction): number {
  return status === 'validating' || status === 'processing' ? cancelTimes.settleAfterSeconds : 0;
}

/** What failed, by name; the cause stays in the execution's history, since it may quote a row. */
function problemOf({ error }: FailInput): ActionProblem {
  if (error.Error === executionStopped) {
    return {
      code: 'execution_stopped',
      detail: "The action's execution was stopped before it ended. Retry the action: its failed rows run again.",
    };
  }
  return {
    code: error.Error === 'DeadlineError' ? 'deadline_exceeded' : 'internal_error',
    detail: `The action was stopped by ${error.Error}. The execution's history has the cause. Retry the action; if it fails again, tell whoever runs this service.`,
  };
}
