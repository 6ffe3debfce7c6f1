import type { BulkAction, Movement } from '../model/action.ts';
import { batchTimesOf } from '../model/batch-times.ts';
import type { MeasureInput, ProgressResult } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { BatchProgress } from '../store/batch-progress.ts';
import { pause } from '../store/concurrently.ts';

export interface WaitTimes {
  /** The longest pause between two looks, seconds. */
  readonly settleSeconds: number;
  /** Without progress for this long an action is stalled, seconds. */
  readonly stallSeconds: number;
}

/**
 * A small action is nearly done when it is asked about: a few looks, soon and then later, save it a whole wait. Together
 * they take less than that wait, so that many actions at once don't keep this function's instances asleep.
 */
const quickPausesMs = [25, 50, 100, 200, 400];
const smallBatches = 20;
/** A large one has a second left at its end, or somewhat more: what is sent last takes longest. */
const lastPausesMs = [...quickPausesMs, 200, 200, 200, 200];

/** Looks how far the batches are, and says how long to wait before looking again. */
export async function measureProgress(
  actions: ActionStore,
  input: MeasureInput,
  times: WaitTimes,
): Promise<ProgressResult> {
  const lookedAt = new Date().toISOString();
  const action = await actions.get(input.accountId, input.actionId);
  const { before, due } = dispatchedBatches(action, input.level);
  let seen = await actions.progress(action, due);
  for (const milliseconds of pausesOf(action, due - before, seen.done, due)) {
    if (seen.done >= due) break;
    await pause(milliseconds);
    seen = await actions.progress(action, due);
  }
  const { done } = seen;
  const now = new Date();
  const moved = movementOf(action, seen, now);
  const batchTimes = batchTimesOf(seen.milliseconds);
  await actions.record(action.accountId, action.actionId, {
    batches: { ...action.batches, done },
    movement: moved,
    sentAt: action.sentAt ?? lookedAt,
    ...(batchTimes && { batchTimes }),
  });
  if (done >= due) return { outcome: due < action.batches.total ? 'next_level' : 'settle', waitSeconds: 0 };
  if (isStalled(action, moved, now, times)) return { outcome: 'stalled', waitSeconds: 0 };
  return {
    outcome: 'wait',
    waitSeconds: waitFor(done, due, secondsBetween(moved.dispatchedAt, now), times),
  };
}

/** The numbers of the last batches of the level that runs, and of the one before it. */
function dispatchedBatches({ batches }: BulkAction, level: number): { before: number; due: number } {
  return { before: batches.levels?.[level - 1] ?? 0, due: batches.levels?.[level] ?? batches.total };
}

/** Between the looks of this one time. */
function pausesOf(action: BulkAction, batches: number, done: number, due: number): readonly number[] {
  if (batches <= smallBatches) return quickPausesMs;
  return endsSoon(action, done, due) ? lastPausesMs : [];
}

/** True when what remains is a second's work, at the pace that earlier looks have seen. */
function endsSoon({ movement }: BulkAction, done: number, due: number): boolean {
  if (movement === undefined || movement.done === 0) return false;
  return secondsLeft(done, due, secondsBetween(movement.dispatchedAt, new Date())) <= 1;
}

function movementOf(
  action: BulkAction,
  { done, created, updated, deleted, failed }: BatchProgress,
  now: Date,
): Movement {
  const before = action.movement ?? { done: 0, since: now.toISOString(), dispatchedAt: now.toISOString() };
  return done === before.done
    ? before
    : { ...before, done, since: now.toISOString(), answered: { created, updated, deleted, failed } };
}

/** True when nothing has moved for too long, or the action's time is up. */
export function isStalled(action: BulkAction, movement: Movement, now: Date, times: WaitTimes): boolean {
  return secondsBetween(movement.since, now) > times.stallSeconds || now.toISOString() > action.deadlineAt;
}

/**
 * Seconds until it is worth looking again: what the remaining batches will take at the pace so far, and rather less, since
 * the end is waited for in small steps. While there is no pace yet, half of what has passed already.
 */
export function waitFor(done: number, total: number, elapsedSeconds: number, times: WaitTimes): number {
  const estimate = done === 0 ? elapsedSeconds / 2 : secondsLeft(done, total, elapsedSeconds);
  return Math.floor(Math.min(Math.max(estimate, 1), times.settleSeconds));
}

function secondsLeft(done: number, total: number, elapsedSeconds: number): number {
  return (elapsedSeconds / done) * (total - done);
}

function secondsBetween(from: string, to: Date): number {
  return (to.getTime() - Date.parse(from)) / 1000;
}
