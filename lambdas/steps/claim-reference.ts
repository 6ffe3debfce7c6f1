import { type BulkAction, hasEnded } from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import type { ClaimResult, ExecutionInput } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { chunksOf } from './revive-rows.ts';

/** An action waits its turn in these steps: six hours of them stay far below an execution's 25,000 events. */
const busySeconds = 30;

/** The action did not get its turn, or did not end, in the time it has. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * Takes the reference and process for the action: one sheet of a kind at a time, so that rows never race their own
 * corrections. `busy` says: wait and come again.
 */
export async function claimReference(
  { actions, references, bucket }: { actions: ActionStore; references: ReferenceStore; bucket: SheetBucket },
  { accountId, actionId, run }: ExecutionInput,
): Promise<ClaimResult> {
  const action = await actions.get(accountId, actionId);
  const retry = run > 0;
  const isOver = hasEnded(action) || action.cancelRequestedAt !== undefined || action.run !== run;
  if (isOver) return { outcome: 'ended', retry, chunks: [], waitSeconds: 0 };
  if (!(await claimOrSucceed(references, actions, action))) {
    if (new Date().toISOString() > action.deadlineAt) {
      throw new DeadlineError('Another action of this reference and process ran until the deadline.');
    }
    return { outcome: 'busy', retry, chunks: [], waitSeconds: busySeconds };
  }
  if (action.status === 'pending') {
    const now = new Date().toISOString();
    await actions.transition(accountId, actionId, 'validating', {
      claimedAt: now,
      startedAt: action.startedAt ?? now,
      deadlineAt: action.deadlineAt,
    });
  }
  return { outcome: 'claimed', retry, chunks: retry ? await chunksOf(bucket, action) : [], waitSeconds: 0 };
}

/** Takes the claim, also from an action that ended without giving it back. */
async function claimOrSucceed(references: ReferenceStore, actions: ActionStore, action: BulkAction): Promise<boolean> {
  if (await references.claim(action)) return true;
  return (await freeFromEnded(references, actions, action)) && references.claim(action);
}

/**
 * Frees the action's reference and process if nobody has them, or one that ended without giving them back, because it
 * was killed in between. False: somebody is still at work with them.
 */
export async function freeFromEnded(
  references: ReferenceStore,
  actions: ActionStore,
  action: BulkAction,
): Promise<boolean> {
  const { runningActionId: holderId, undoing } = (await references.process(action)) ?? {};
  if (holderId === undefined) return true;
  const holder = await actions.find(action.accountId, holderId);
  if (holder && (!hasEnded(holder) || holder.undo?.status === 'running')) return false;
  // What the holder left unsettled is unknown, so the next action has to look for it.
  await references.release(
    { ...action, actionId: holderId, dryRun: holder?.dryRun === true },
    { clean: false, counts: holder?.counts ?? action.counts },
    undoing,
  );
  return true;
}

/**
 * Makes a claim of the action's reference and process, if need be in place of an action that ended without giving its own
 * back.
 * @throws ProblemError `action_running` when somebody is at work with them.
 */
export async function claimAlsoFromEnded<Made>(
  { references, actions }: { references: ReferenceStore; actions: ActionStore },
  action: BulkAction,
  claim: () => Promise<Made>,
): Promise<Made> {
  try {
    return await claim();
  } catch (error) {
    const taken = error instanceof ProblemError && error.code === 'action_running';
    if (!taken || !(await freeFromEnded(references, actions, action))) throw error;
    return claim();
  }
}
