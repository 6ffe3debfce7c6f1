import { type BulkAction, type Counts, hasEnded } from '../model/action.ts';

/** Problems that lie with us, not with the sheet: its rows may run again. */
const passingProblems = new Set(['internal_error', 'deadline_exceeded', 'execution_stopped', 'quota_exceeded']);

/**
 * Why an action is not retried, as far as the action itself tells; undefined when it is. One that failed for a reason of
 * ours is, also where all its rows have their answers: it lacks what comes after them, such as its report.
 */
export function retryRefusal(action: BulkAction): string | undefined {
  const { status, problem, sheet, counts, revived, undo } = action;
  if (action.dryRun) return 'The action was a dry run, which leaves nothing to retry. Submit the sheet again.';
  if (!hasEnded(action)) return `The action is ${status}; it can be retried when it has ended.`;
  if (problem && !passingProblems.has(problem.code)) {
    return `The sheet was not accepted (${problem.code}). Correct it and upload it again.`;
  }
  if (!sheet || sheet.chunks === 0) return 'The sheet was never read to its end. Upload it again.';
  if (undo) return `The action ${undo.status === 'running' ? 'is being' : 'was'} undone. Upload its sheet again.`;
  if (!problem && unsettled(counts) + revived.failed === 0) return 'The action has no failed rows.';
  return undefined;
}

/** Rows that a retry takes up. */
export function unsettled({ failed, unprocessed, cancelled }: Counts): number {
  return failed + unprocessed + cancelled;
}
