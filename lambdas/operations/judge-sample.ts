import type { PreviewView } from '../model/api/previews.ts';
import type { PreviewAnswer } from '../model/preview.ts';
import type { RowError } from '../model/row.ts';
import type { ReadRow, RowReader } from '../processes/validate-row.ts';
import type { SheetRecord } from '../sheets/sheet.ts';
import type { ReferenceCheck } from '../steps/check-references.ts';
import { duplicateOf, FirstRows } from '../steps/first-rows.ts';

export type PreviewedRow = PreviewView['items'][number];

/** Errors of one row in the answer at most; a list in a cell may have a thousand. */
const rowErrors = 50;
/** Characters of all rows in the answer, which Lambda bounds at 6 MB. */
const answerCharacters = 2 * 1024 ** 2;

/** What the rows of a sample would give, judged as staging judges them. */
export async function judgeSample(
  records: readonly SheetRecord[],
  reader: RowReader,
  references: ReferenceCheck | undefined,
): Promise<readonly PreviewedRow[]> {
  const read = records.map(({ problem, cells, absent }): ReadRow => {
    return problem ? { errors: [problem] } : reader.read(cells, absent);
  });
  await references?.learn(read.flatMap((row) => ('data' in row ? [row.data] : [])));
  const firstRows = new FirstRows();
  return read.map((row, index) => judge(row, (records[index] as SheetRecord).rowNumber, { firstRows, references }));
}

function judge(
  read: ReadRow,
  rowNumber: number,
  { firstRows, references }: { firstRows: FirstRows; references: ReferenceCheck | undefined },
): PreviewedRow {
  const errors = 'errors' in read ? read.errors : (references?.errorsOf(read.data) ?? []);
  if ('errors' in read || errors.length > 0) return { rowNumber, answer: 'invalid', errors: shown(errors) };
  const { uniqueIdentifier, data } = read;
  const firstRow = firstRows.claim(uniqueIdentifier, rowNumber);
  if (firstRow === undefined) return { rowNumber, answer: 'valid', uniqueIdentifier, data: { ...data } };
  return { rowNumber, answer: 'duplicate', uniqueIdentifier, errors: [duplicateOf(firstRow)] };
}

function shown(errors: readonly RowError[]): RowError[] {
  return errors.slice(0, rowErrors).map(({ code, message, column, value }) => ({
    code,
    message,
    ...(column !== undefined && { column }),
    ...(value !== undefined && { value }),
  }));
}

/** The rows by what they would come to. */
export function countRows(rows: readonly PreviewedRow[]): Record<PreviewAnswer, number> {
  const counts = { valid: 0, invalid: 0, duplicate: 0 };
  for (const { answer } of rows) counts[answer] += 1;
  return counts;
}

/** The first rows, as many as fit into one answer. */
export function fitting(rows: readonly PreviewedRow[]): PreviewedRow[] {
  let left = answerCharacters;
  const end = rows.findIndex((row) => {
    left -= JSON.stringify(row).length;
    return left < 0;
  });
  return rows.slice(0, end === -1 ? rows.length : end);
}
