import type { RowAnswer } from './row.ts';

/** What an entry of an action's log tells of: a row that was done, that went wrong, that was left out; or the action itself. */
export const logStatuses = ['success', 'failure', 'skipped', 'system'] as const;
export type LogStatus = (typeof logStatuses)[number];

/** A row that is known, comes twice, is not valid or was cancelled is left out; nothing was tried with it. */
const statusOfAnswer: Readonly<Record<RowAnswer, LogStatus>> = {
  created: 'success',
  updated: 'success',
  deleted: 'success',
  known: 'skipped',
  duplicate: 'skipped',
  invalid: 'skipped',
  cancelled: 'skipped',
  failed: 'failure',
  unprocessed: 'failure',
};

export function logStatusOf(answer: RowAnswer): LogStatus {
  return statusOfAnswer[answer];
}

/** The answers whose rows have entries of a status. */
export function answersLogged(status: LogStatus): RowAnswer[] {
  return (Object.keys(statusOfAnswer) as RowAnswer[]).filter((answer) => statusOfAnswer[answer] === status);
}
