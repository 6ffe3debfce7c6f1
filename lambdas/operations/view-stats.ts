import { type BulkAction, hasEnded } from '../model/action.ts';
import type { ActionStats } from '../model/api/logs-and-stats.ts';
import type { CodeCount } from '../model/code-counts.ts';
import { phasesOf } from '../model/phase.ts';
import { reportNames } from '../steps/report-names.ts';
import type { ActionStore } from '../store/action-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { viewLive } from './view-bulk-action.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
}

/** How fast the action's current run is or was, where its time went, and which errors it met. */
export async function viewStats({ actions, bucket }: Stores, action: BulkAction): Promise<ActionStats> {
  const [{ actionId, status, run, counts, progress, batches }, errorCodes] = await Promise.all([
    viewLive(actions, action),
    hasEnded(action) ? errorCodesOf(bucket, action) : undefined,
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
    ...(errorCodes && { errorCodes }),
    phases: phasesOf(action).map((phase) => ({ ...phase, seconds: secondsOf(phase) })),
  };
}

/** From the report's summary; undefined when the action ended without one, or when reports are no longer kept. */
async function errorCodesOf(bucket: SheetBucket, { actionId }: BulkAction): Promise<CodeCount[] | undefined> {
  try {
    const summary = await bucket.getJson<{ errorCodes?: CodeCount[] }>(sheetKeys.report(actionId, reportNames.summary));
    return summary.errorCodes;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}

function secondsOf({ startedAt, finishedAt }: { startedAt: string; finishedAt?: string }): number {
  const end = finishedAt === undefined ? Date.now() : Date.parse(finishedAt);
  return Math.max(0, (end - Date.parse(startedAt)) / 1_000);
}
