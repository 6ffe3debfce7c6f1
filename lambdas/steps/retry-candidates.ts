import type { BulkAction } from '../model/action.ts';
import { type RetrySelection, selectsAll } from '../model/retry-selection.ts';
import { isRevivedChunk, type SettledRow } from '../model/staged-row.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';

const rowsAtATime = 1_000;

/** Answers that a retry may change. */
const openAnswers = ['failed', 'unprocessed', 'cancelled'] as const;
export type OpenAnswer = (typeof openAnswers)[number];

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

/** The rows of a chunk that a retry takes up, with their answers before; undefined when it takes up all there are. */
export async function selectedRows(
  bucket: SheetBucket,
  action: Pick<BulkAction, 'actionId' | 'selection'>,
  chunk: string,
): Promise<Map<number, OpenAnswer> | undefined> {
  const selection = narrowing(action);
  if (!selection) return undefined;
  const selected = new Map<number, OpenAnswer>();
  for await (const rows of answersOf(bucket, action.actionId, chunk)) {
    for (const row of rows)
      if (isSelected(row, chunk, selection)) selected.set(row.rowNumber, row.answer as OpenAnswer);
  }
  return selected;
}

/** Whether a retry takes the row up. Numbers speak of the action's own sheet, so revived rows have none. */
export function isSelected({ answer, rowNumber, errors = [] }: SettledRow, chunk: string, selection: RetrySelection) {
  if (!openAnswers.some((open) => open === answer)) return false;
  const { codes, rows } = selection;
  if (rows && (isRevivedChunk(chunk) || rowNumber < rows.from || rowNumber > rows.to)) return false;
  return codes === undefined || errors.some(({ code }) => codes.includes(code));
}

/** The action's selection when it leaves rows out. */
export function narrowing({ selection }: Pick<BulkAction, 'selection'>): RetrySelection | undefined {
  return selection && !selectsAll(selection) ? selection : undefined;
}
