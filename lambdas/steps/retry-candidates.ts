import type { BulkAction } from '../model/action.ts';
import { type RetrySelection, selectsAll } from '../model/retry-selection.ts';
import type { RowAnswer } from '../model/row.ts';
import { isRevivedChunk, type SettledRow } from '../model/staged-row.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';

const rowsAtATime = 1_000;

/** Answers that a retry may change. */
const open: readonly RowAnswer[] = ['failed', 'unprocessed', 'cancelled'];

/** The answers of a chunk in the run before, by row number; none when the run ended without them. */
export async function earlierAnswers(
  bucket: SheetBucket,
  actionId: string,
  chunk: string,
): Promise<Map<number, SettledRow>> {
  const answers = new Map<number, SettledRow>();
  for await (const rows of answersOf(bucket, actionId, chunk)) for (const row of rows) answers.set(row.rowNumber, row);
  return answers;
}

/** The answers of a chunk in groups, in its order; nothing when it has none. */
export async function* answersOf(bucket: SheetBucket, actionId: string, chunk: string): AsyncGenerator<SettledRow[]> {
  const key = sheetKeys.results(actionId, chunk);
  if (await bucket.head(key)) yield* bucket.readLines<SettledRow>(key, rowsAtATime);
}

/** Whether a retry takes the row up. Numbers speak of the action's own sheet, so revived rows have none. */
export function isCandidate(row: SettledRow, chunk: string, selection: RetrySelection = {}): boolean {
  if (!open.includes(row.answer)) return false;
  const { codes, rows } = selection;
  if (rows && (isRevivedChunk(chunk) || row.rowNumber < rows.from || row.rowNumber > rows.to)) return false;
  return codes === undefined || (row.errors ?? []).some(({ code }) => codes.includes(code));
}

/** The action's selection when it leaves rows out. */
export function narrowing({ selection }: Pick<BulkAction, 'selection'>): RetrySelection | undefined {
  return selection && !selectsAll(selection) ? selection : undefined;
}
