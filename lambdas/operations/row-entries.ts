import type { BulkAction } from '../model/action.ts';
import type { LogEntry } from '../model/api/logs-and-stats.ts';
import { logStatusOf } from '../model/log-entry.ts';
import type { RowAnswer } from '../model/row.ts';
import { type SettledRow, type StagedRow, sheetChunkName } from '../model/staged-row.ts';
import { duplicateOf } from '../steps/first-rows.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { RowSection } from './system-entries.ts';

/** A chunk, a row in it, and one of the row's entries. A row has the same place before and after it is answered. */
export interface RowPlace {
  readonly chunk: number;
  readonly row: number;
  readonly entry: number;
}

const rowsAtATime = 1_000;

const plainMessages: Partial<Record<RowAnswer, string>> = {
  created: 'Created.',
  updated: 'Updated.',
  deleted: 'Deleted.',
  known: 'Known already: nothing was done.',
};

/** Entries of the action's rows in input order, from a place on, each with the place behind it. */
export async function* rowEntries(
  bucket: SheetBucket,
  action: BulkAction,
  section: RowSection,
  from: RowPlace,
): AsyncGenerator<{ entry: LogEntry; next: RowPlace }> {
  try {
    for await (const { found, chunk, row } of rowsFrom(bucket, action, section, from)) {
      const entries = section === 'findings' ? findingsOf(found) : answersOf(found as SettledRow);
      const told = chunk === from.chunk && row === from.row ? from.entry : 0;
      for (const [index, entry] of entries.entries()) {
        if (index >= told) yield { entry, next: { chunk, row, entry: index + 1 } };
      }
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NoSuchKey')) throw error;
    yield { entry: goneEntry, next: { chunk: action.sheet?.chunks ?? 0, row: 0, entry: 0 } };
  }
}

async function* rowsFrom(
  bucket: SheetBucket,
  action: BulkAction,
  section: RowSection,
  from: RowPlace,
): AsyncGenerator<{ found: StagedRow | SettledRow; chunk: number; row: number }> {
  for (let chunk = from.chunk; chunk < (action.sheet?.chunks ?? 0); chunk++) {
    let row = 0;
    for await (const rows of readChunk(bucket, action, section, chunk)) {
      for (const found of rows) {
        if (chunk > from.chunk || row >= from.row) yield { found, chunk, row };
        row += 1;
      }
    }
  }
}

/** Rows are working data and go some days after the action; its report stays longer. */
const goneEntry: LogEntry = {
  status: 'system',
  code: 'rows_not_kept',
  message: "The rows' answers are no longer kept one by one. See the action's report.",
};

/** Answers are shorter than staged rows, which also have their cells; both are in the same order. */
function readChunk(
  bucket: SheetBucket,
  { actionId, settledAt }: BulkAction,
  section: RowSection,
  chunk: number,
): AsyncGenerator<(StagedRow | SettledRow)[]> {
  const name = sheetChunkName(chunk);
  const answered = section === 'answers' || settledAt !== undefined;
  const key = answered ? sheetKeys.results(actionId, name) : sheetKeys.chunk(actionId, name);
  return bucket.readLines<StagedRow | SettledRow>(key, rowsAtATime);
}

/** What staging found wrong with a row. */
function findingsOf(row: StagedRow | SettledRow): LogEntry[] {
  if ('answer' in row) return isFinding(row) ? entriesOf(row) : [];
  if (row.duplicateOf !== undefined) {
    return entriesOf({ rowNumber: row.rowNumber, answer: 'duplicate', errors: [duplicateOf(row.duplicateOf)] });
  }
  return row.errors ? entriesOf({ rowNumber: row.rowNumber, answer: 'invalid', errors: row.errors }) : [];
}

/** How a row was answered, where staging had not found anything. */
function answersOf(row: SettledRow): LogEntry[] {
  return isFinding(row) ? [] : entriesOf(row);
}

function isFinding({ answer }: SettledRow): boolean {
  return answer === 'invalid' || answer === 'duplicate';
}

function entriesOf({ rowNumber, answer, errors = [] }: SettledRow): LogEntry[] {
  const head = { status: logStatusOf(answer), rowNumber };
  if (errors.length === 0)
    return [{ ...head, code: answer, message: plainMessages[answer] ?? `The row is ${answer}.` }];
  return errors.map(({ code, message, column, value }) => ({
    ...head,
    ...(column !== undefined && { column }),
    ...(value !== undefined && { value }),
    code,
    message,
  }));
}
