import { type BulkAction, noCounts } from '../model/action.ts';
import type { EndEvent } from '../model/end-event.ts';
import type { AccountDays } from '../store/account-days.ts';
import type { ActionStore } from '../store/action-store.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly accountDays: AccountDays;
}

/** What is worth measuring of an ended action. */
export interface CountedAction extends Pick<EndEvent, 'accountId' | 'processName' | 'status' | 'counts'> {
  /** From its start to its end; absent when it never started. */
  readonly seconds?: number;
}

/**
 * Adds an action that has ended to its account's figures. Of a dry run only the action counts: its rows became nothing.
 * Undefined when that was done before, since the event may come twice, or when the action is none of this stage's, since
 * stages may share a bus.
 */
export async function countAction(
  { actions, accountDays }: Stores,
  ended: EndEvent,
): Promise<CountedAction | undefined> {
  const action = await actions.find(ended.accountId, ended.actionId);
  if (!action) return undefined;
  const counts = action.dryRun ? noCounts : ended.counts;
  if (!(await accountDays.count({ ...ended, counts }))) return undefined;
  const { accountId, processName, status } = ended;
  const seconds = secondsOf(action, ended.finishedAt);
  return { accountId, processName, status, counts, ...(seconds !== undefined && { seconds }) };
}

function secondsOf({ startedAt }: BulkAction, finishedAt: string): number | undefined {
  return startedAt === undefined ? undefined : Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000);
}
