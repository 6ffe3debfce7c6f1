import type { Caller } from '../model/account.ts';
import { type BulkAction, hasEnded } from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import { withoutRun } from '../model/run-times.ts';
import { type AnnounceStores, announceEnd } from '../steps/announce-end.ts';
import { startExecution } from '../steps/start-action.ts';
import type { Executions } from '../store/executions.ts';
import type { ReferenceStore } from '../store/reference-store.ts';

interface Stores extends AnnounceStores {
  readonly references: ReferenceStore;
  readonly executions: Executions;
}

/** Problems that lie with us, not with the sheet: its rows may run again. */
const passingProblems = new Set(['internal_error', 'deadline_exceeded', 'execution_stopped', 'quota_exceeded']);

/**
 * Starts the next run of an ended action, in which its failed rows are tried again and no others. A call that comes
 * twice starts one run.
 */
export async function retryBulkAction(
  stores: Stores,
  { accountId }: Caller,
  actionId: string,
  deadlineSeconds: number,
): Promise<BulkAction> {
  const action = await stores.actions.get(accountId, actionId);
  refuseUnlessRetryable(action);
  await refuseWhileAnotherRuns(stores.references, action);
  // The next run takes the place of the last one's end, and nobody could tell of it any more.
  await announceEnd(stores, action);
  const next = nextRun(action, deadlineSeconds);
  if (!(await stores.actions.beginRun(next))) {
    throw new ProblemError('illegal_transition', 'The action has been started again already.');
  }
  await startExecution(stores, next, deadlineSeconds);
  return next;
}

function refuseUnlessRetryable(action: BulkAction): void {
  const { status, problem, sheet, counts, revived } = action;
  const refuse = (detail: string) => {
    throw new ProblemError('illegal_transition', detail, { actionStatus: status });
  };
  if (action.dryRun) refuse('The action was a dry run, which leaves nothing to retry. Submit the sheet again.');
  if (!hasEnded(action)) refuse(`The action is ${status}; it can be retried when it has ended.`);
  if (problem && !passingProblems.has(problem.code)) {
    refuse(`The sheet was not accepted (${problem.code}). Correct it and upload it again.`);
  }
  if (!sheet || sheet.chunks === 0) refuse('The sheet was never read to its end. Upload it again.');
  if (counts.failed + counts.unprocessed + revived.failed === 0) refuse('The action has no failed rows.');
}

/** The run itself takes the reference; this only spares the caller a run that would have to wait. */
async function refuseWhileAnotherRuns(references: ReferenceStore, action: BulkAction): Promise<void> {
  const running = (await references.process(action))?.runningActionId;
  if (running === undefined || running === action.actionId) return;
  const detail = `Action ${running} of this reference and process has not ended. Wait for it, or cancel it.`;
  throw new ProblemError('action_running', detail, { actionId: running });
}

/** The action at the start of its next run: what had failed is pending, and what was said about its end is gone. */
function nextRun(action: BulkAction, deadlineSeconds: number): BulkAction {
  const { problem, finishedAt, execution, movement, mapping, ...kept } = withoutRun(action);
  const { counts } = action;
  const now = Date.now();
  return {
    ...kept,
    status: 'pending',
    run: action.run + 1,
    counts: { ...counts, pending: counts.failed + counts.unprocessed, failed: 0, unprocessed: 0 },
    batches: { total: 0, done: 0 },
    updatedAt: new Date(now).toISOString(),
    deadlineAt: new Date(now + deadlineSeconds * 1000).toISOString(),
  };
}
