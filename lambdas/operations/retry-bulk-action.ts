import type { Caller } from '../model/account.ts';
import type { BulkAction } from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import type { RetrySelection } from '../model/retry-selection.ts';
import { withoutRun } from '../model/run-times.ts';
import { type AnnounceStores, announceEnd } from '../steps/announce-end.ts';
import { narrowing } from '../steps/retry-candidates.ts';
import { startExecution } from '../steps/start-action.ts';
import type { EarlierRuns } from '../store/earlier-runs.ts';
import type { Executions } from '../store/executions.ts';
import { actionRunning, type ReferenceStore } from '../store/reference-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { retryRefusal, unsettled } from './retry-refusal.ts';
import { refuseUnlessAnySelected } from './retry-selection.ts';

interface Stores extends AnnounceStores {
  readonly earlierRuns: EarlierRuns;
  readonly references: ReferenceStore;
  readonly executions: Executions;
  readonly bucket: SheetBucket;
}

/**
 * Starts the next run of an ended action, in which its failed rows, or those selected of them, are tried again and no
 * others. Rows that had no turn, because the action ended or was cancelled before, count as failed here. Where all rows
 * have their answers and a fault of ours came after, nothing is sent: they are settled and reported. A call that comes
 * twice starts one run.
 */
export async function retryBulkAction(
  stores: Stores,
  { accountId }: Caller,
  actionId: string,
  { selection, deadlineSeconds }: { selection?: RetrySelection | undefined; deadlineSeconds: number },
): Promise<BulkAction> {
  const action = await stores.actions.get(accountId, actionId);
  const narrowed = narrowing({ selection });
  refuseUnlessRetryable(action);
  await refuseWhileAnotherRuns(stores.references, action);
  await refuseUnlessAnySelected(stores.bucket, action, narrowed);
  // The next run takes the place of the last one's end, and nobody could tell of it any more.
  await announceEnd(stores, action);
  await stores.earlierRuns.keep(action);
  const next = nextRun(action, narrowed, deadlineSeconds);
  if (!(await stores.actions.beginRun(next))) {
    throw new ProblemError('illegal_transition', 'The action has been started again already.');
  }
  await startExecution(stores, next, deadlineSeconds);
  return next;
}

function refuseUnlessRetryable(action: BulkAction): void {
  const detail = retryRefusal(action);
  if (detail !== undefined) throw new ProblemError('illegal_transition', detail, { actionStatus: action.status });
}

/** The run itself takes the reference; this only spares the caller a run that would have to wait. */
async function refuseWhileAnotherRuns(references: ReferenceStore, action: BulkAction): Promise<void> {
  const holder = await references.process(action);
  const running = holder?.runningActionId;
  if (running !== undefined && running !== action.actionId) throw actionRunning(action, holder);
}

/**
 * The action at the start of its next run: what had failed is pending, and what was said about its end is gone. How many
 * rows a selection means is found out with its chunks.
 */
function nextRun(action: BulkAction, selection: RetrySelection | undefined, deadlineSeconds: number): BulkAction {
  const {
    problem,
    finishedAt,
    execution,
    movement,
    mapping,
    cancelRequestedAt,
    selection: before,
    ...kept
  } = withoutRun(action);
  const { counts } = action;
  const now = Date.now();
  return {
    ...kept,
    ...(selection && { selection }),
    status: 'pending',
    run: action.run + 1,
    counts: selection ? counts : { ...counts, pending: unsettled(counts), failed: 0, unprocessed: 0, cancelled: 0 },
    batches: { total: 0, done: 0 },
    updatedAt: new Date(now).toISOString(),
    deadlineAt: new Date(now + deadlineSeconds * 1000).toISOString(),
  };
}
