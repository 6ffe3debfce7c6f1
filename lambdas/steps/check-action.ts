import { addCounts, type Counts, noCounts } from '../model/action.ts';
import { isRevivedChunk } from '../model/staged-row.ts';
import type { CheckInput, CheckResult, SettleResult } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import { isStalled, type WaitTimes } from './measure-progress.ts';

/** Adds the recounted chunks up; when no row is pending any more these are the action's final counts. */
export async function checkAction(actions: ActionStore, input: CheckInput, times: WaitTimes): Promise<CheckResult> {
  const action = await actions.get(input.accountId, input.actionId);
  const counts = sumOf(input.settled.filter(({ chunk }) => !isRevivedChunk(chunk)));
  const revived = sumOf(input.settled.filter(({ chunk }) => isRevivedChunk(chunk)));
  if (counts.pending + revived.pending > 0) {
    const now = new Date();
    const movement = action.movement ?? { done: 0, since: action.updatedAt, dispatchedAt: action.updatedAt };
    return isStalled(action, movement, now, times)
      ? { outcome: 'stalled', waitSeconds: 0 }
      : { outcome: 'wait', waitSeconds: Math.min(2, times.settleSeconds) };
  }
  const change = {
    counts,
    settledAt: new Date().toISOString(),
    revived: {
      rows: revived.rows,
      created: revived.created + revived.known,
      failed: revived.failed + revived.unprocessed,
    },
  };
  await actions.record(input.accountId, input.actionId, change, action);
  return { outcome: 'settled', waitSeconds: 0 };
}

function sumOf(settled: readonly SettleResult[]): Counts {
  return settled.reduce((sum, { counts }) => addCounts(sum, counts), noCounts);
}
