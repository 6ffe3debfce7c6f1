import type { BulkAction } from '../model/action.ts';
import type { CodeCount } from '../model/code-counts.ts';
import { reportNames } from '../steps/report-names.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';

/** What is read back of a report's summary. */
export interface ReportSummary {
  readonly run: number;
  readonly errorCodes: CodeCount[];
}

/**
 * The summary of the action's last run, which is written when the rest of the report is; undefined when that run could
 * write none, or when reports are no longer kept. Where a retry wrote none, the report of the run before lies there still,
 * with answers that are not true any more.
 */
export async function readSummary(
  bucket: SheetBucket,
  { actionId, run }: BulkAction,
): Promise<ReportSummary | undefined> {
  try {
    const summary = await bucket.getJson<ReportSummary>(sheetKeys.report(actionId, reportNames.summary));
    return summary.run === run ? summary : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}
