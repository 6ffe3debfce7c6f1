import type { Caller } from '../model/account.ts';
import { type BulkAction, hasEnded } from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import type { Undo } from '../model/undo.ts';
import { nothingUndone } from '../model/undo-steps.ts';
import { type AnnounceStores, announceEnd } from '../steps/announce-end.ts';
import { claimAlsoFromEnded } from '../steps/claim-reference.ts';
import { answersOf } from '../steps/retry-candidates.ts';
import { chunksOf } from '../steps/revive-rows.ts';
import type { ActionRequests } from '../store/action-requests.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import type { UndoExecutions } from '../store/undo-executions.ts';

interface Stores extends AnnounceStores {
  readonly requests: ActionRequests;
  readonly references: ReferenceStore;
  readonly undoExecutions: UndoExecutions;
  readonly bucket: SheetBucket;
}

export interface UndoContext {
  readonly deadlineSeconds: number;
  /** Processes whose entities are in services outside, which know no way back. */
  readonly outsideProcesses: readonly string[];
}

/**
 * Begins to undo an ended action: what it created is deleted, what it changed is restored. What was changed since stays,
 * and is listed. Its reference and process are taken with the same write, so that no sheet can count on what is about to
 * go. Once it has ended it may be asked for again, and undoes what is still left.
 * @throws ProblemError `not_undoable`; `illegal_transition` while the action, or an undoing of it, is under way;
 * `action_running` while another action has the reference and process.
 */
export async function undoBulkAction(
  stores: Stores,
  { accountId }: Caller,
  actionId: string,
  context: UndoContext,
): Promise<Undo> {
  const action = await stores.actions.get(accountId, actionId);
  refuseUnlessEnded(action);
  refuseWithoutEffect(action);
  refuseOutside(action, context);
  await refuseUnlessKept(stores.bucket, action);
  // From now on the index of open actions is for the undoing, and nobody would tell of an end that is owed.
  await announceEnd(stores, action);
  const undo = newUndo(action);
  const begin = () => stores.requests.beginUndo(action, undo, stores.references);
  // If this function is killed before the next call, the sweep ends the undoing and gives the reference free.
  if (!(await claimAlsoFromEnded(stores, action, begin))) throw underWay();
  await stores.undoExecutions.start({
    accountId,
    actionId,
    referenceId: action.referenceId,
    attempt: undo.attempt,
    until: new Date(Date.now() + context.deadlineSeconds * 1_000).toISOString(),
    progress: nothingUndone,
  });
  return undo;
}

function newUndo({ undo }: BulkAction): Undo {
  return {
    status: 'running',
    attempt: (undo?.attempt ?? 0) + 1,
    deleted: 0,
    restored: 0,
    skipped: 0,
    startedAt: new Date().toISOString(),
  };
}

function refuseUnlessEnded(action: BulkAction): void {
  if (action.undo?.status === 'running') throw underWay();
  if (hasEnded(action)) return;
  const detail = `The action is ${action.status}; it can be undone when it has ended. Cancel it, or wait for it.`;
  throw new ProblemError('illegal_transition', detail, { actionStatus: action.status });
}

function underWay(): ProblemError {
  return new ProblemError('illegal_transition', 'The action is being undone already. GET …/undo says how far it is.');
}

function refuseWithoutEffect({ counts, revived, dryRun }: BulkAction): void {
  const effects = counts.created + counts.updated + counts.deleted + revived.created;
  if (effects > 0 && !dryRun) return;
  throw new ProblemError('not_undoable', 'The action has changed no entity.');
}

function refuseOutside({ processName }: BulkAction, { outsideProcesses }: UndoContext): void {
  if (!outsideProcesses.includes(processName)) return;
  const detail = `The entities of ${processName} are in a service outside, which knows no way back. Change them there.`;
  throw new ProblemError('not_undoable', detail);
}

/** What its rows answered are working data, and go some days after the action. */
async function refuseUnlessKept(bucket: SheetBucket, action: BulkAction): Promise<void> {
  for (const chunk of await chunksOf(bucket, action)) {
    for await (const rows of answersOf(bucket, action.actionId, chunk)) if (rows.length > 0) return;
  }
  throw new ProblemError(
    'not_undoable',
    'Which entities the action has changed is no longer known: its rows are not kept any more.',
  );
}
