import type { BulkAction } from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import type { RetrySelection } from '../model/retry-selection.ts';
import { answersOf, isSelected } from '../steps/retry-candidates.ts';
import { chunksOf } from '../steps/revive-rows.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';

/** Rows that one request looks at. If none of so many is meant, the run itself finds out whether any is. */
const rowsSearched = 200_000;

/** @throws ProblemError `illegal_transition` when the action's rows are no longer kept, `nothing_selected` when none is meant. */
export async function refuseUnlessAnySelected(
  bucket: SheetBucket,
  action: BulkAction,
  selection: RetrySelection | undefined,
): Promise<void> {
  const chunks = await chunksOf(bucket, action);
  await refuseUnlessKept(bucket, action, chunks);
  if (!selection || (await findsOne(bucket, action, chunks, selection))) return;
  const detail =
    'None of the rows that failed, were cancelled or had no turn has such a code and number. GET …/rows lists them.';
  throw new ProblemError('nothing_selected', detail);
}

/** Chunks are working data and go some days after the action. */
async function refuseUnlessKept(bucket: SheetBucket, { actionId, status }: BulkAction, [first]: readonly string[]) {
  if (first !== undefined && (await bucket.head(sheetKeys.chunk(actionId, first)))) return;
  const detail = "The action's rows are no longer kept. Upload its failed.csv as a new sheet.";
  throw new ProblemError('illegal_transition', detail, { actionStatus: status });
}

/** Rows come in the order of their numbers. True also when there was more to look at than one request may. */
async function findsOne(
  bucket: SheetBucket,
  { actionId }: BulkAction,
  chunks: readonly string[],
  selection: RetrySelection,
): Promise<boolean> {
  let searched = 0;
  for (const chunk of chunks) {
    for await (const rows of answersOf(bucket, actionId, chunk)) {
      searched += rows.length;
      if (rows.some((row) => isSelected(row, chunk, selection)) || searched >= rowsSearched) return true;
      if (selection.rows && (rows[0]?.rowNumber ?? 0) > selection.rows.to) return false;
    }
  }
  return false;
}
