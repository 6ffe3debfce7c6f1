import { type ActionProblem, type Counts, hasEnded } from '../model/action.ts';
import { executionStopped, type FailInput, type FailResult } from '../model/steps.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { endAction, type FinishStores } from './finish-action.ts';
import { chunksOf } from './revive-rows.ts';

/**
 * Something in the action's execution failed for good. Records it and names the chunks that can still be settled, so
 * that every row gets its answer; or, when even that failed, ends the action with what is known.
 */
export async function failAction(
  stores: FinishStores & { bucket: SheetBucket },
  input: FailInput,
): Promise<FailResult> {
  const action = await stores.actions.get(input.accountId, input.actionId);
  if (action.run !== input.run) return { settle: [] };
  if (hasEnded(action)) {
    await endAction(stores, action, action.status);
    return { settle: [] };
  }
  const problem = action.problem ?? problemOf(input);
  if (input.abandon) {
    await endAction(stores, action, 'failed', { problem, counts: restUnprocessed(action.counts) });
    return { settle: [] };
  }
  await stores.actions.record(action.accountId, action.actionId, { problem });
  return { settle: await chunksOf(stores.bucket, action) };
}

/** Counts in which nothing is pending: what has not answered is unprocessed. */
export function restUnprocessed(counts: Counts): Counts {
  return { ...counts, unprocessed: counts.unprocessed + counts.pending, pending: 0 };
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
