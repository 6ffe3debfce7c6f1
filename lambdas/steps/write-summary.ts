import { type BulkAction, verdictOf } from '../model/action.ts';
import { CodeCounts } from '../model/code-counts.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { reportNames } from './report-names.ts';

/** Writes what programs read of a report: names, verdict and figures. */
export async function writeSummary(
  bucket: SheetBucket,
  action: BulkAction,
  onFailedRow: 'fail' | 'complete',
  codes = new CodeCounts(),
): Promise<void> {
  const key = sheetKeys.report(action.actionId, reportNames.summary);
  await bucket.put(key, `${JSON.stringify(summaryOf(action, onFailedRow, codes), null, 2)}\n`, 'application/json');
}

function summaryOf(action: BulkAction, onFailedRow: 'fail' | 'complete', codes: CodeCounts) {
  const {
    actionId,
    referenceId,
    processName,
    dryRun,
    counts,
    revived,
    mapping,
    problem,
    warnings,
    run,
    createdAt,
    startedAt,
    sheet,
    source,
  } = action;
  return {
    actionId,
    referenceId,
    processName,
    fileName: source.fileName,
    status: verdictOf(action, onFailedRow),
    ...(dryRun && { dryRun }),
    counts,
    revived,
    errorCodes: codes.list,
    ...(mapping && { mapping }),
    run,
    createdAt,
    startedAt,
    ...(problem && { problem }),
    warnings,
    ...(sheet && {
      format: sheet.format,
      encoding: sheet.encoding,
      delimiter: sheet.delimiter,
      sheetName: sheet.sheetName,
    }),
  };
}
