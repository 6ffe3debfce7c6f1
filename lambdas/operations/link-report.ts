import { parse } from 'node:path';
import type { z } from 'zod';
import { type BulkAction, hasEnded } from '../model/action.ts';
import type { reportSchema } from '../model/api.ts';
import { ProblemError } from '../model/problem.ts';
import { reportNames } from '../steps/report-names.ts';
import { hasRowsToMend } from '../steps/write-report.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { readSummary } from './read-summary.ts';
import { retryRefusal } from './retry-refusal.ts';

export type ReportLinks = z.infer<typeof reportSchema>;

export interface ReportTimes {
  /** How long a link is good for. */
  readonly expirySeconds: number;
  /** Days after its end that an action's report is kept. */
  readonly reportDays: number;
}

/** Presigned links to what the action's report consists of. */
export async function linkReport(
  bucket: SheetBucket,
  action: BulkAction,
  { expirySeconds, reportDays }: ReportTimes,
): Promise<ReportLinks> {
  if (!hasEnded(action)) {
    const detail = `The action is ${action.status}; its report is written when it ends.`;
    throw new ProblemError('illegal_transition', detail, { actionStatus: action.status });
  }
  refuseExpired(action, reportDays);
  const { link, linkIfThere } = linker(bucket, action, expirySeconds);
  const [lastSummary, report, failed, revived] = await Promise.all([
    readSummary(bucket, action),
    action.sheet && linkIfThere(reportNames.report(action.sheet.format)),
    // A retry that mended every row leaves the file of the run before behind.
    hasRowsToMend(action) ? linkIfThere(reportNames.failed) : undefined,
    linkIfThere(reportNames.revived),
  ]);
  if (!lastSummary) throw new ProblemError('not_found', `The action has ended without a report. ${adviceFor(action)}`);
  return {
    ...(report !== undefined && { report }),
    ...(failed !== undefined && { failed }),
    ...(revived !== undefined && { revived }),
    summary: await link(reportNames.summary),
    expiresAt: new Date(Date.now() + expirySeconds * 1000).toISOString(),
  };
}

function adviceFor(action: BulkAction): string {
  const isRetryable = retryRefusal(action) === undefined;
  return isRetryable ? 'Retry it while its rows are kept: the retry writes one.' : 'Submit its sheet again.';
}

/** S3 takes expired objects away in its own time; a link made shortly before would lead nowhere. */
function refuseExpired({ finishedAt }: BulkAction, reportDays: number): void {
  const keptUntil = Date.parse(finishedAt ?? '') + reportDays * 86_400_000;
  if (!(Date.now() > keptUntil)) return;
  const detail = `Reports are kept for ${reportDays} days; this one went on ${new Date(keptUntil).toISOString()}.`;
  throw new ProblemError('no_longer_kept', detail);
}

/** Links documents. Downloaded, `facilities.xlsx` has the report `facilities.report.xlsx`. */
function linker(bucket: SheetBucket, { actionId, source }: BulkAction, expirySeconds: number) {
  const base = parse(source.fileName).name;
  const keyOf = (name: string) => sheetKeys.report(actionId, name);
  const link = (name: string) => bucket.presignGet(keyOf(name), `${base}.${name}`, expirySeconds);
  return { link, linkIfThere: async (name: string) => ((await bucket.head(keyOf(name))) ? link(name) : undefined) };
}
