import { shortened } from '../model/cut-text.ts';
import { isReportColumn, reportColumns } from '../model/report-columns.ts';
import type { RecordProblem, SheetLimits } from './sheet.ts';
import { type RecordProblemCode, SheetError } from './sheet-error.ts';

/** A, B, … Z, AA: the letter of the column at a 0-based index. */
export function columnLetter(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnLetter(Math.floor(index / 26) - 1) + letter;
}

/** Nothing in it that a person would see. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

/** A problem whose value, if any, is short enough to be shown. */
export function recordProblem(
  code: RecordProblemCode,
  message: string,
  at: { column?: string; value?: string } = {},
): RecordProblem {
  const value = at.value === undefined ? {} : { value: preview(at.value) };
  const column = at.column === undefined ? {} : { column: at.column };
  return { code, message, ...column, ...value };
}

/**
 * The header, as it was but for empty columns at its end, which spreadsheets leave behind. The columns that a report has
 * more than its sheet had do not count against the limits, so that it can be uploaded again.
 * @throws SheetError for two columns of one name, too many columns, or too much text in them.
 */
export function checkedHeaders(cells: readonly string[], limits: SheetLimits, rowNumber: number): string[] {
  // A workbook may hold half of a Unicode character, which no store keeps.
  const headers = withoutTrailingBlanks(cells).map((header) => header.toWellFormed());
  const own = headers.filter((header) => !isReportColumn(header));
  if (own.length > limits.columns) throw tooManyColumns(own.length, limits, rowNumber);
  const bytes = own.reduce((sum, header) => sum + Buffer.byteLength(header), 0);
  if (bytes > limits.headerBytes) throw headerTooLarge(limits, rowNumber);
  const columns = new Map<string, number[]>();
  for (const [index, header] of headers.entries()) {
    const name = header.trim();
    if (name !== '') columns.set(name, [...(columns.get(name) ?? []), index]);
  }
  const duplicates = [...columns].filter(([, indexes]) => indexes.length > 1);
  if (duplicates.length > 0) {
    const list = duplicates.map(([name, indexes]) => `"${preview(name)}" (${indexes.map(columnLetter).join(', ')})`);
    throw new SheetError(
      'duplicate_header',
      `Each column needs a name of its own, but these names stand over more than one column: ${list.join('; ')}.`,
      { rowNumber },
    );
  }
  return headers;
}

export function tooManyColumns(columns: number, limits: SheetLimits, rowNumber?: number): SheetError {
  return new SheetError(
    'too_many_columns',
    `The sheet has ${columns} columns; at most ${limits.columns} are possible.`,
    rowNumber === undefined ? {} : { rowNumber },
  );
}

export function headerTooLarge(limits: SheetLimits, rowNumber: number): SheetError {
  return new SheetError(
    'header_too_large',
    `The headers have more than ${limits.headerBytes} bytes in all. Is the first row a header? Shorten the names of the columns.`,
    { rowNumber },
  );
}

/** What is wrong with the size of a cell, if anything. */
export function oversizedCell(
  cells: readonly string[],
  headers: readonly string[],
  limits: SheetLimits,
): RecordProblem | undefined {
  for (const [index, cell] of cells.entries()) {
    // A character takes at most 3 bytes a UTF-16 unit: most cells needn't be measured.
    if (cell.length * 3 <= limits.cellBytes) continue;
    const bytes = Buffer.byteLength(cell);
    const header = headers[index] ?? '';
    if (bytes <= limits.cellBytes || isReportColumn(header)) continue;
    const column = header.trim() || columnLetter(index);
    return recordProblem('cell_too_large', `A cell may hold ${limits.cellBytes} bytes; this one has ${bytes}.`, {
      column,
      value: cell,
    });
  }
  return undefined;
}

/** Whether records fit under a header. */
export class RecordShape {
  readonly #headers: readonly string[];
  readonly #limits: SheetLimits;
  readonly #unnamed: number[];

  constructor(headers: readonly string[], limits: SheetLimits) {
    this.#headers = headers;
    this.#limits = limits;
    this.#unnamed = headers.flatMap((header, index) => (header.trim() === '' ? [index] : []));
  }

  /**
   * What is wrong with the record, if anything. Empty cells beyond the header are cut off `cells`: spreadsheets write them.
   * @throws SheetError if it has a value in a column without a name: it would be lost.
   */
  check(cells: string[], rowNumber: number): RecordProblem | undefined {
    for (const index of this.#unnamed) this.#refuseUnnamed(cells[index], index, rowNumber);
    const expected = this.#headers.length;
    if (cells.length > expected && isBlank(cells.slice(expected))) cells.length = expected;
    if (cells.length < expected) return tooFewCells(cells.length, this.#headers);
    if (cells.length > expected) return tooManyCells(cells, this.#headers);
    return oversizedCell(cells, this.#headers, this.#limits);
  }

  #refuseUnnamed(cell: string | undefined, index: number, rowNumber: number): void {
    if (cell === undefined || cell.trim() === '') return;
    throw new SheetError(
      'empty_header',
      `Column ${columnLetter(index)} has no name in the header but has a value in row ${rowNumber}. Name the column or clear it.`,
      { rowNumber },
    );
  }
}

function tooFewCells(cells: number, headers: readonly string[]): RecordProblem {
  const missing = headers[cells]?.trim() || columnLetter(cells);
  return recordProblem(
    'too_few_cells',
    `${raggedness(cells, headers.length)}: nothing stands under "${preview(missing)}".`,
    { column: missing },
  );
}

function tooManyCells(cells: readonly string[], headers: readonly string[]): RecordProblem {
  const index = cells.findIndex((cell, at) => at >= headers.length && cell.trim() !== '');
  return recordProblem('too_many_cells', `${raggedness(cells.length, headers.length)}.`, {
    column: columnLetter(index),
    value: cells[index] ?? '',
  });
}

function raggedness(cells: number, headers: number): string {
  return `The row has ${cells} cells but the header has ${headers}`;
}

const surplusMark = ' | ';

/**
 * A row's cells under `headers` of them, for a report: empty ones in place of those that a ragged row lacks; its surplus
 * cells share the last column rather than push the answer out of place.
 */
export function evenCells(cells: readonly string[], headers: number): readonly string[] {
  if (cells.length > headers) return [...cells.slice(0, headers - 1), cells.slice(headers - 1).join(surplusMark)];
  return cells.length === headers ? cells : [...cells, ...new Array<string>(headers - cells.length).fill('')];
}

/**
 * What is still wrong with a ragged row that comes back from a report, evened out and as it was: it must not pass for a
 * row of the right shape. `details` are what the report said of it.
 */
export function stillRagged(
  cells: readonly string[],
  headers: readonly string[],
  details: string,
): RecordProblem | undefined {
  const [, had, expected] = /The row has (\d+) cells but the header has (\d+)/.exec(details)?.map(Number) ?? [];
  if (had === undefined || expected === undefined) return undefined;
  const isShort = had < headers.length && isBlank(cells.slice(had));
  const isLong = had > expected && cells.at(-1)?.includes(surplusMark);
  if (!isShort && !isLong) return undefined;
  const at = isShort ? had : headers.length - 1;
  const column = headers[at]?.trim() ?? '';
  return recordProblem(
    isShort ? 'too_few_cells' : 'too_many_cells',
    `${raggedness(had, expected)}: put each value under its column. If "${preview(column)}" is right as it stands, clear ${reportColumns.errorDetails}.`,
    { column, value: cells[at] ?? '' },
  );
}

function withoutTrailingBlanks(cells: readonly string[]): string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell.trim() !== '') + 1);
}

/** As much of a text as a message has room for. */
export function preview(text: string): string {
  return shortened(text, 100);
}
