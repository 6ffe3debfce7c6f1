import { type BulkAction, hasEnded } from '../model/action.ts';
import type { ActionStats } from '../model/api/logs-and-stats.ts';
import { phasesOf } from '../model/phase.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { readSummary } from './read-summary.ts';
import { viewLive } from './view-bulk-action.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
}

/** How fast the action's current run is or was, where its time went, and which errors it met. */
export async function viewStats({ actions, bucket }: Stores, action: BulkAction): Promise<ActionStats> {
  const [{ actionId, status, run, counts, progress, batches }, summary] = await Promise.all([
    viewLive(actions, action),
    hasEnded(action) ? readSummary(bucket, action) : undefined,
  ]);
  const { batchTimes } = action;
  return {
    actionId,
    status,
    run,
    counts,
    rowsPerSecond: progress.rowsPerSecond,
    batches,
    ...(batchTimes && { batchSeconds: batchTimes.work, queueSeconds: batchTimes.wait }),
    ...(summary && { errorCodes: summary.errorCodes }),
    phases: phasesOf(action).map((phase) => ({ ...phase, seconds: secondsOf(phase) })),
  };
}

function secondsOf({ startedAt, finishedAt }: { startedAt: string; finishedAt?: string }): number {
  const end = finishedAt === undefined ? Date.now() : Date.parse(finishedAt);
  return Math.max(0, (end - Date.parse(startedAt)) / 1_000);
}
