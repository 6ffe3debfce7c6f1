import { pipeline, type Readable } from 'node:stream';
import { CsvError, type Options, type Parser, parse } from 'csv-parse';
import { declaredDelimiter, findDelimiter } from './delimiter.ts';
import type { FoundEncoding } from './detect-encoding.ts';
import { LineCounter, toUtf8 } from './encoding.ts';
import { unescapeFormula } from './formula-escape.ts';
import { RecordBatch } from './record-batch.ts';
import { checkedHeaders, columnLetter, isBlank, RecordShape, recordProblem } from './record-shape.ts';
import {
  maxRecordBytes,
  type OpenSheet,
  type RecordProblem,
  type SheetLimits,
  type SheetRecord,
  type SheetSource,
} from './sheet.ts';
import { SheetError } from './sheet-error.ts';

/** What is known of a text before it is read: its encoding, as far as the first part tells it, and that part. */
export interface TextStart {
  encoding: FoundEncoding;
  sample: string;
}

/** Opens delimited text. @throws SheetError when it has no usable header. */
export async function openCsv(source: SheetSource, start: TextStart, limits: SheetLimits): Promise<OpenSheet> {
  const declared = declaredDelimiter(start.sample);
  const delimiter = declared ?? findDelimiter(start.sample);
  const records = new CsvRecords(await source.open(), start.encoding, delimiter, declared !== undefined);
  try {
    const header = await records.next();
    if (header === undefined) throw new SheetError('empty_sheet', 'The sheet is empty.');
    const headers = checkedHeaders(header.cells, limits, header.rowNumber);
    records.nameColumns(headers);
    return {
      format: delimiter === '\t' ? 'tsv' : 'csv',
      get encoding() {
        return start.encoding.name;
      },
      delimiter,
      headers,
      batches: readBatches(records, headers, limits),
      close: () => records.close(),
    };
  } catch (error) {
    await records.close();
    throw error;
  }
}

async function* readBatches(
  records: CsvRecords,
  headers: string[],
  limits: SheetLimits,
): AsyncGenerator<SheetRecord[]> {
  const shape = new RecordShape(headers, limits);
  const batch = new RecordBatch(limits);
  try {
    for (let record = await records.next(); record !== undefined; record = await records.next()) {
      const problem = shape.check(record.cells, record.rowNumber) ?? misplacedQuote(record.cells, headers);
      if (problem !== undefined) record.problem = problem;
      batch.add(record);
      if (batch.isFull) yield batch.take();
    }
    if (!batch.isEmpty) yield batch.take();
  } finally {
    await records.close();
  }
}

/** The records of the text one after the other, numbered, without the blank ones. */
class CsvRecords {
  readonly #parser: Parser;
  readonly #records: AsyncIterator<SheetRecord>;
  readonly #input = new LineCounter();
  #headers: readonly string[] = [];
  #rowNumber: number;
  /** Line on which the next record starts. */
  #line = 1;
  /** The parser's own count of lines at the end of the last record: it counts CR LF inside quotes twice. */
  #parserLine = 0;
  /** Blank lines that the parser had passed over at the end of the last record. */
  #blankLines = 0;

  constructor(bytes: Readable, encoding: FoundEncoding, delimiter: string, declared: boolean) {
    // A spreadsheet shows no row for the line that only names the delimiter.
    this.#rowNumber = declared ? -1 : 0;
    const options: Options<SheetRecord, string[]> = {
      delimiter,
      // All three, not the one the first line has: files put together from several sources mix them.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_quotes: true,
      relax_column_count: true,
      max_record_size: maxRecordBytes,
      // As records they would each cost the parser an error with a stack, for having too few cells.
      skip_empty_lines: true,
      // Numbered here, in the parser: when it fails, records that nobody has read yet are already counted.
      on_record: (cells: string[], { lines, empty_lines }) => this.#numbered(cells, lines, empty_lines),
    };
    // The types of csv-parse allow `on_record` to give out something else only where `columns` is set.
    this.#parser = parse(options as unknown as Options);
    const parser = this.#parser;
    const text = (input: AsyncIterable<Buffer>) => this.#bounded(toUtf8(input, encoding, this.#input));
    // Whatever goes wrong on the way destroys the parser with that error, and so reaches the one who reads from it.
    pipeline(bytes, text, parser, () => {});
    this.#records = parser[Symbol.asyncIterator]();
  }

  /** For errors that name a column. */
  nameColumns(headers: readonly string[]): void {
    this.#headers = headers;
  }

  async next(): Promise<SheetRecord | undefined> {
    try {
      const result = await this.#records.next();
      return result.done ? undefined : result.value;
    } catch (error) {
      throw error instanceof CsvError ? this.#explained(error) : error;
    }
  }

  async close(): Promise<void> {
    this.#parser.destroy();
  }

  /**
   * Passes the text on to the parser as long as records come out of it. The parser's own bound counts the characters of
   * cells only: a line of nothing but delimiters would fill the memory.
   */
  async *#bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let last = this.#linesEnded;
    let bytes = 0;
    for await (const chunk of chunks) {
      if (this.#linesEnded > last) bytes = 0;
      last = this.#linesEnded;
      bytes += chunk.length;
      if (bytes > 2 * maxRecordBytes) throw recordTooLarge({ line: this.#line, rowNumber: this.#rowNumber + 1 });
      yield chunk;
    }
  }

  /** Grows with every record, and with every blank line. */
  get #linesEnded(): number {
    return this.#rowNumber + this.#parser.info.empty_lines - this.#blankLines;
  }

  #numbered(cells: string[], parserLine: number, blankLines: number): SheetRecord | undefined {
    this.#passBlankLines(blankLines);
    const line = this.#line;
    this.#rowNumber += 1;
    this.#line += 1 + lineBreaks(cells);
    this.#parserLine = parserLine;
    if (this.#rowNumber === 0 || isBlank(cells)) return undefined;
    return { rowNumber: this.#rowNumber, cells: cells.map(unescapeFormula), line };
  }

  /** A blank line is no record, but a spreadsheet shows a row for it. */
  #passBlankLines(blankLines: number): void {
    this.#line += blankLines - this.#blankLines;
    this.#rowNumber += blankLines - this.#blankLines;
    this.#blankLines = blankLines;
  }

  /** An unclosed quote is noticed at the end of the file or of the longest record; its record starts where the last one ended. */
  #explained(error: CsvError): SheetError {
    this.#passBlankLines(this.#parser.info.empty_lines);
    const where = { line: this.#input.lastLine, rowNumber: this.#rowNumber + 1, cause: error };
    const onOneLine = Number(error.lines) <= this.#parserLine + 1;
    if (error.code === 'CSV_MAX_RECORD_SIZE' && onOneLine) return recordTooLarge({ ...where, line: this.#line });
    const index = Number(error.column);
    const column = this.#headers[index]?.trim() || columnLetter(index);
    const noticed = error.code === 'CSV_MAX_RECORD_SIZE' ? '1 MiB later' : 'at the end of the file';
    return new SheetError(
      'unclosed_quote',
      `A quote (") is opened in column "${column}" of the row that starts on line ${this.#line} and is not closed; noticed ${noticed}, on line ${where.line}. Close it, or double it if it is part of the text.`,
      where,
    );
  }
}

function recordTooLarge(where: { line: number; rowNumber: number }): SheetError {
  return new SheetError('record_too_large', `The row on line ${where.line} has more than 1 MiB.`, where);
}

/**
 * A quote inside a cell is taken literally, as in `5" pipe`. But where a quote was opened on one line and the next quote
 * stands inside text on another, the rows between them have run together. csv-parse leaves both quotes in the cell.
 */
function misplacedQuote(cells: readonly string[], headers: readonly string[]): RecordProblem | undefined {
  const index = cells.findIndex((cell) => {
    if (cell.charCodeAt(0) !== 0x22) return false;
    const lineEnd = cell.search(/[\r\n]/);
    const quote = lineEnd === -1 ? -1 : cell.indexOf('"', lineEnd);
    return quote !== -1 && quote < cell.length - 1;
  });
  const cell = cells[index];
  if (cell === undefined) return undefined;
  return recordProblem(
    'misplaced_quote',
    'A quote (") is opened here and the next one stands inside text on a later line: rows may have run together. Close the quote, or double it if it is part of the text.',
    { column: headers[index]?.trim() || columnLetter(index), value: cell },
  );
}

function lineBreaks(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) breaks += cell.match(/\r\n?|\n/g)?.length ?? 0;
  }
  return breaks;
}
