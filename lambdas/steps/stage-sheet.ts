import type { ActionProblem, BulkAction, StagedSheet } from '../model/action.ts';
import type { ColumnMapping } from '../model/column-mapping.ts';
import { parentOf } from '../model/entity.ts';
import { hierarchyRows } from '../model/hierarchy.ts';
import { normalizeIdentifier } from '../model/identity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { isReportColumn } from '../model/report-columns.ts';
import type { StagedRow } from '../model/staged-row.ts';
import type { ExecutionInput, StageResult } from '../model/steps.ts';
import { createRowReader, type ReadRow, type RowReader } from '../processes/validate-row.ts';
import { openSheet } from '../sheets/open-sheet.ts';
import type { OpenSheet, SheetRecord } from '../sheets/sheet.ts';
import { SheetError } from '../sheets/sheet-error.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { EntityIndex } from '../store/entity-index.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { absentHeaders, headerProblem, headerWarnings } from './check-headers.ts';
import { ReferenceCheck } from './check-references.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { FirstRows } from './first-rows.ts';
import { Hierarchy } from './hierarchy.ts';
import { placeRows } from './place-rows.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
  readonly entityIndex: EntityIndex;
}

interface Tally {
  rows: number;
  valid: number;
  invalid: number;
  duplicate: number;
}

/**
 * Streams the sheet once: parses and validates each row, numbers it, finds duplicates (the first valid row of an
 * identifier counts) and writes all rows as chunks. Deterministic, so staging again gives the same chunks. Where rows have
 * parents a second pass over the chunks places them.
 */
export async function stageSheet(
  { actions, bucket, entityIndex }: Stores,
  { accountId, actionId }: ExecutionInput,
  processOf: (name: string) => ProcessDefinition,
): Promise<StageResult> {
  const action = await actions.get(accountId, actionId);
  const process = processOf(action.processName);
  const references = await ReferenceCheck.open(entityIndex, accountId, process);
  const hierarchy = process.parent && new Hierarchy();
  const staging = new Staging({ process, columns: action.columns }, new ChunkWriter(bucket, actionId), {
    references,
    hierarchy,
  });
  const problem = await staging.run(() => open(bucket, action));
  const { tally, sheet, warnings } = staging;
  if (hierarchy && !problem) {
    const { misplaced } = await placeRows({ bucket, entityIndex }, action, staging.chunks, process, hierarchy);
    tally.valid -= misplaced;
    tally.invalid += misplaced;
  }
  const rejected = problem ?? rejection(action, tally);
  await actions.record(accountId, actionId, {
    counts: {
      ...action.counts,
      rows: tally.rows,
      invalid: tally.invalid,
      duplicate: tally.duplicate,
      pending: tally.valid,
    },
    stagedAt: new Date().toISOString(),
    warnings,
    ...(sheet && { sheet }),
    ...(rejected && { problem: rejected }),
  });
  if (tally.rows === 0) return { outcome: 'unusable', chunks: [] };
  return { outcome: rejected ? 'rejected' : 'staged', chunks: staging.chunks };
}

function open(bucket: SheetBucket, action: BulkAction): Promise<OpenSheet> {
  const { key, size } = action.source;
  return openSheet(bucket.source(key, size), action.sheetName === undefined ? {} : { sheetName: action.sheetName });
}

/** Why nothing of a readable sheet may be created. */
function rejection(action: BulkAction, tally: Tally): ActionProblem | undefined {
  if (tally.invalid === 0 || action.onInvalidRow === 'skip') return undefined;
  return {
    code: 'invalid_rows',
    detail: `${tally.invalid} of ${tally.rows} rows are invalid, so nothing was created. The report says why, row by row. Correct them and upload the sheet again, or upload it with onInvalidRow "skip" to create the valid rows.`,
  };
}

/** What rows have to do with other things than themselves; each is absent where the process has none. */
interface Relations {
  readonly references: ReferenceCheck | undefined;
  readonly hierarchy: Hierarchy | undefined;
}

/** One pass over a sheet. */
class Staging {
  readonly tally: Tally = { rows: 0, valid: 0, invalid: 0, duplicate: 0 };
  warnings: string[] = [];
  private opened: OpenSheet | undefined;
  private reader: RowReader | undefined;
  /** How many headers the reader knows; JSON may bring new ones on the way. */
  private headersRead = 0;
  private kept: number[] = [];
  private readonly firstRows = new FirstRows();
  private readonly process: ProcessDefinition;
  private readonly writer: ChunkWriter;
  private readonly relations: Relations;
  private readonly columns: ColumnMapping | undefined;

  constructor(
    { process, columns }: { process: ProcessDefinition; columns: ColumnMapping | undefined },
    writer: ChunkWriter,
    relations: Relations,
  ) {
    this.process = process;
    this.columns = columns;
    this.writer = writer;
    this.relations = relations;
  }

  /** Stages what can be read; answers with what stood in the way of the rest. */
  async run(open: () => Promise<OpenSheet>): Promise<ActionProblem | undefined> {
    try {
      this.opened = await open();
      return await this.stage(this.opened);
    } catch (error) {
      if (!(error instanceof SheetError)) throw error;
      return { code: error.code, detail: error.message };
    } finally {
      await this.writer.end();
      await this.opened?.close();
    }
  }

  get chunks(): readonly string[] {
    return this.writer.chunks;
  }

  get sheet(): StagedSheet | undefined {
    if (!this.opened) return undefined;
    const { format, encoding, delimiter, sheetName, headers } = this.opened;
    return {
      format,
      ...(encoding !== undefined && { encoding }),
      ...(delimiter !== undefined && { delimiter }),
      ...(sheetName !== undefined && { sheetName }),
      headers: this.kept.map((index) => headers[index] as string),
      chunks: this.writer.chunks.length,
    };
  }

  private async stage(sheet: OpenSheet): Promise<ActionProblem | undefined> {
    let problem: ActionProblem | undefined;
    for await (const records of sheet.batches) {
      const first = this.reader === undefined;
      if (first || this.headersRead < sheet.headers.length) this.readHeaders(sheet);
      if (first) problem = this.headerProblem(sheet);
      const rows = problem ? records.map((record) => this.bare(record)) : await this.judgeAll(records);
      for (const row of rows) await this.writer.add(row);
      this.tally.rows += rows.length;
    }
    return problem ?? absentHeaders({ reader: this.reader as RowReader, headers: sheet.headers });
  }

  private headerProblem({ format, headers }: OpenSheet): ActionProblem | undefined {
    const mayGrow = format === 'json' || format === 'ndjson';
    return headerProblem({ process: this.process, reader: this.reader as RowReader, headers, mayGrow });
  }

  private async judgeAll(records: readonly SheetRecord[]): Promise<StagedRow[]> {
    if (this.relations.hierarchy && this.tally.rows + records.length > hierarchyRows) throw tooManyRows(this.process);
    const read = records.map((record) => this.read(record));
    await this.relations.references?.learn(read.flatMap((row) => ('data' in row ? [row.data] : [])));
    return records.map((record, index) => this.judge(record, read[index] as ReadRow));
  }

  private read({ problem, cells }: SheetRecord): ReadRow {
    return problem ? { errors: [problem] } : (this.reader as RowReader).read(cells);
  }

  private readHeaders({ headers }: OpenSheet): void {
    this.headersRead = headers.length;
    this.kept = headers.flatMap((header, index) => (isReportColumn(header) ? [] : [index]));
    this.reader = createRowReader(this.process, headers, this.columns);
    this.warnings = headerWarnings(this.process, this.reader);
  }

  private bare({ rowNumber, cells }: SheetRecord): StagedRow {
    return { rowNumber, cells: this.keptCells(cells) };
  }

  private judge(record: SheetRecord, read: ReadRow): StagedRow {
    const row = this.bare(record);
    const errors = 'errors' in read ? read.errors : (this.relations.references?.errorsOf(read.data) ?? []);
    if ('errors' in read || errors.length > 0) {
      this.tally.invalid += 1;
      this.mention(record);
      return { ...row, errors };
    }
    const { uniqueIdentifier, data } = read;
    const duplicateOf = this.firstRows.claim(uniqueIdentifier, record.rowNumber);
    if (duplicateOf !== undefined) {
      this.tally.duplicate += 1;
      return { ...row, uniqueIdentifier, duplicateOf };
    }
    this.tally.valid += 1;
    this.relations.hierarchy?.add(uniqueIdentifier, parentOf(this.process, data) ?? '', record.rowNumber);
    return { ...row, uniqueIdentifier, data };
  }

  /** Notes an invalid row by what stands in its unique column, so that the rows below it do not miss their parent. */
  private mention({ cells }: SheetRecord): void {
    const column = this.reader?.mapped.get(this.process.uniqueColumn) ?? -1;
    const identifier = normalizeIdentifier(cells[column] ?? '');
    if (identifier !== '') this.relations.hierarchy?.mention(identifier);
  }

  /** The input's cells without our own report columns; cells beyond the headers stay, so that nothing is lost. */
  private keptCells(cells: readonly string[]): readonly string[] {
    if (this.kept.length === this.headersRead) return cells;
    return [...this.kept.map((index) => cells[index] ?? ''), ...cells.slice(this.headersRead)];
  }
}

function tooManyRows({ name }: ProcessDefinition): SheetError {
  return new SheetError(
    'too_many_rows',
    `The sheet has more than ${hierarchyRows} rows. Those of ${name} have parents, which are checked all together. Split it, the upper levels first.`,
  );
}
