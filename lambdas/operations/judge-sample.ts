import type { PreviewView } from '../model/api/previews.ts';
import type { PreviewAnswer } from '../model/preview.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowError } from '../model/row.ts';
import type { RowReader } from '../processes/validate-row.ts';
import type { SheetRecord } from '../sheets/sheet.ts';
import { duplicateOf } from '../steps/first-rows.ts';
import { type Relations, RowJudge, type Verdict } from '../steps/judge-rows.ts';

export type PreviewedRow = PreviewView['items'][number];

/** Errors of one row in the answer at most; a list in a cell may have a thousand. */
const rowErrors = 50;
/** Characters of all rows in the answer, which Lambda bounds at 6 MB. */
const answerCharacters = 2 * 1024 ** 2;

/** What the rows of a sample would give: judged as staging judges them, but for their place in a hierarchy. */
export async function judgeSample(
  records: readonly SheetRecord[],
  { process, reader, relations }: { process: ProcessDefinition; reader: RowReader; relations: Relations },
): Promise<readonly PreviewedRow[]> {
  const column = reader.mapped.get(process.uniqueColumn) ?? -1;
  const verdicts = await new RowJudge(process, relations).judge(
    records.map(({ rowNumber, problem, cells, absent }) => ({
      rowNumber,
      read: problem ? { errors: [problem] } : reader.read(cells, absent),
      identifier: cells[column] ?? '',
    })),
  );
  return records.map(({ rowNumber }, index) => viewVerdict(rowNumber, verdicts[index] as Verdict));
}

function viewVerdict(rowNumber: number, verdict: Verdict): PreviewedRow {
  const { uniqueIdentifier, data, effect, entityId, errors, duplicateOf: first, duplicateIn } = verdict;
  if (errors) return { rowNumber, answer: 'invalid', errors: shown(errors) };
  const row = { rowNumber, ...(uniqueIdentifier !== undefined && { uniqueIdentifier }) };
  if (first !== undefined) return { ...row, answer: 'duplicate', errors: [duplicateOf(first, duplicateIn)] };
  // The id of what is yet to be created would be another one.
  const meant = { ...(effect && { effect }), ...(effect !== 'created' && entityId !== undefined && { entityId }) };
  return { ...row, answer: effect === 'known' ? 'known' : 'valid', ...meant, ...(data && { data: { ...data } }) };
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
  const counts = { valid: 0, known: 0, invalid: 0, duplicate: 0 };
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
