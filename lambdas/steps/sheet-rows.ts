import type { ActionProblem, BulkAction } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { isReportColumn, reportColumns } from '../model/report-columns.ts';
import type { StagedRow } from '../model/staged-row.ts';
import { createRowReader, type ReadRow, type RowReader } from '../processes/validate-row.ts';
import { withoutKeys } from '../sheets/json-records.ts';
import { stillRagged } from '../sheets/record-shape.ts';
import type { OpenSheet, RecordProblem, SheetRecord } from '../sheets/sheet.ts';
import { headersMayGrow } from '../sheets/sheet-format.ts';
import { headerProblem, headerWarnings } from './check-headers.ts';
import type { ReadRecord } from './judge-rows.ts';

/** Some rows of a sheet, in order. */
export interface ReadRows {
  /** The rows as they stand in the sheet. */
  readonly bare: readonly StagedRow[];
  /** The same rows as they are to be judged; absent where the headers will not do. */
  readonly records?: readonly ReadRecord[];
}

/** The rows of one sheet as a process understands them. Reads ahead of whoever judges them, so it keeps nothing of them. */
export class SheetRows {
  warnings: string[] = [];
  /** What is wrong with the headers. What is seen at the first row is here with the first rows, all when all are read. */
  problem: ActionProblem | undefined;
  private reader: RowReader | undefined;
  /** How many headers the reader knows; JSON may bring new ones on the way. */
  private headersRead = 0;
  private kept: number[] = [];
  /** Of the column in which a report says what was wrong with a row; -1 where the sheet is no report. */
  private detailsIndex = -1;
  private readonly sheet: OpenSheet;
  private readonly process: ProcessDefinition;
  private readonly action: Pick<BulkAction, 'columns' | 'clearEmpty'>;

  constructor(sheet: OpenSheet, process: ProcessDefinition, action: Pick<BulkAction, 'columns' | 'clearEmpty'>) {
    this.sheet = sheet;
    this.process = process;
    this.action = action;
  }

  /** The headers without our own report columns. */
  get headers(): string[] {
    return this.kept.map((index) => this.sheet.headers[index] as string);
  }

  /** All rows, some hundred at a time. */
  async *read(): AsyncGenerator<ReadRows> {
    for await (const records of this.sheet.batches) {
      if (this.reader === undefined || this.headersRead < this.sheet.headers.length) {
        this.readHeaders();
        this.problem ??= this.headerProblem();
      }
      const bare = records.map((record) => this.bareRow(record));
      yield this.problem ? { bare } : { bare, records: this.readRecords(records) };
    }
    if (this.reader !== undefined) this.problem ??= this.headerProblem(false);
  }

  /** `mayGrow`: what is not there yet may still turn up. */
  private headerProblem(mayGrow = headersMayGrow(this.sheet.format)): ActionProblem | undefined {
    const { process, reader, sheet } = this;
    return headerProblem({ process, reader: reader as RowReader, headers: sheet.headers, mayGrow });
  }

  private readRecords(records: readonly SheetRecord[]): ReadRecord[] {
    const column = this.reader?.mapped.get(this.process.uniqueColumn) ?? -1;
    return records.map((record) => ({
      rowNumber: record.rowNumber,
      read: this.readRecord(record),
      identifier: record.cells[column] ?? '',
    }));
  }

  private readRecord(record: SheetRecord): ReadRow {
    const problem = record.problem ?? this.stillRagged(record.cells);
    return problem ? { errors: [problem] } : (this.reader as RowReader).read(record.cells, record.absent);
  }

  private stillRagged(cells: readonly string[]): RecordProblem | undefined {
    const details = cells[this.detailsIndex];
    return details ? stillRagged(this.keptCells(cells), this.headers, details) : undefined;
  }

  private readHeaders(): void {
    const { headers } = this.sheet;
    this.headersRead = headers.length;
    this.detailsIndex = headers.findIndex((header) => header.trim() === reportColumns.errorDetails);
    this.kept = headers.flatMap((header, index) => (isReportColumn(header) ? [] : [index]));
    this.reader = createRowReader(this.process, headers, this.action.columns, this.action.clearEmpty);
    this.warnings = headerWarnings(this.process, this.reader);
  }

  private bareRow({ rowNumber, cells, element }: SheetRecord): StagedRow {
    const row = { rowNumber, cells: this.keptCells(cells) };
    if (element === undefined) return row;
    const hasOurs = this.kept.length < this.headersRead;
    return { ...row, element: hasOurs ? withoutKeys(element, isReportColumn) : element };
  }

  /** The input's cells without our own report columns; cells beyond the headers stay, so that nothing is lost. */
  private keptCells(cells: readonly string[]): readonly string[] {
    if (this.kept.length === this.headersRead) return cells;
    return [...this.kept.map((index) => cells[index] ?? ''), ...cells.slice(this.headersRead)];
  }
}
