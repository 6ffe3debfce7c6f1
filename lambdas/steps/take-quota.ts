import { type ActionProblem, type BulkAction, hasEnded } from '../model/action.ts';
import type { AccountLimits } from '../model/quota.ts';
import type { ExecutionInput, QuotaResult } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { RowCharger } from './charge-rows.ts';

/** The longest pause between two looks, seconds: six hours of them stay far below an execution's 25,000 events. */
const longestSeconds = 60;
/** Looks of actions that wait side by side are spread by up to this share, so that each is the first at times. */
const spread = 0.25;

/**
 * Takes from the account's quota what the action's rows still need. `wait`: not all was there, come again. `never`: at
 * the account's pace the rest is not there before the deadline, which the action now has as its problem.
 */
export async function takeQuota(
  { actions, charger }: { actions: ActionStore; charger: RowCharger },
  { accountId, actionId, run }: ExecutionInput,
): Promise<QuotaResult> {
  const action = await actions.get(accountId, actionId);
  // Another execution answers for the rows of an action that is being cancelled.
  if (hasEnded(action) || action.cancelRequestedAt !== undefined || action.run !== run) {
    return { outcome: 'ended', waitSeconds: 0 };
  }
  const { charged, waitSeconds, limits } = await charger.charge(action, rowsOf(action));
  if (waitSeconds > 0 && limits && comesTooLate(action, waitSeconds)) {
    await actions.noteQuota(action, { charged, waiting: false, problem: quotaProblem(action, limits) });
    return { outcome: 'never', waitSeconds: 0 };
  }
  await actions.noteQuota(action, { charged, waiting: waitSeconds > 0 });
  return waitSeconds > 0
    ? { outcome: 'wait', waitSeconds: pauseFor(waitSeconds) }
    : { outcome: 'taken', waitSeconds: 0 };
}

/** The rows that the run is about: all of the sheet, or those that failed before. */
function rowsOf({ run, counts, revived }: BulkAction): number {
  return run === 0 ? counts.rows : counts.pending + revived.failed;
}

function comesTooLate({ deadlineAt }: BulkAction, seconds: number): boolean {
  return Date.now() + seconds * 1_000 > Date.parse(deadlineAt);
}

function pauseFor(seconds: number): number {
  return Math.ceil(Math.min(seconds, longestSeconds) * (1 + Math.random() * spread));
}

function quotaProblem(action: BulkAction, { recordsPerMinute, burstRecords }: AccountLimits): ActionProblem {
  return {
    code: 'quota_exceeded',
    detail: `The account may bring ${recordsPerMinute} records a minute, and ${burstRecords} at once; the action's ${rowsOf(action)} rows would not get through before its deadline (${action.deadlineAt}). Bring fewer rows at a time, or ask for a higher limit, and retry the action.`,
  };
}
