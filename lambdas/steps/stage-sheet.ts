import type { ActionProblem, BulkAction, StagedSheet } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { isReportColumn } from '../model/report-columns.ts';
import type { StagedRow } from '../model/staged-row.ts';
import type { ExecutionInput, StageResult } from '../model/steps.ts';
import { createRowReader, type ReadRow, type RowReader } from '../processes/validate-row.ts';
import { openSheet } from '../sheets/open-sheet.ts';
import type { OpenSheet, SheetRecord } from '../sheets/sheet.ts';
import { SheetError } from '../sheets/sheet-error.ts';
import { headersMayGrow } from '../sheets/sheet-format.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import type { RowCharge, RowCharger } from './charge-rows.ts';
import { absentHeaders, headerProblem, headerWarnings } from './check-headers.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { Hierarchy } from './hierarchy.ts';
import { type Relations, RowJudge, type Tally } from './judge-rows.ts';
import { type EntityStores, openRelations } from './open-relations.ts';
import { placeRows } from './place-rows.ts';

interface Stores extends EntityStores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
  readonly charger: RowCharger;
}

/**
 * Streams the sheet once: parses and validates each row, numbers it, finds duplicates (the first valid row of an
 * identifier counts) and writes all rows as chunks. Deterministic, so staging again gives the same chunks. Where rows have
 * parents a second pass over the chunks places them.
 */
export async function stageSheet(
  stores: Stores,
  { accountId, actionId }: ExecutionInput,
  processOf: (name: string) => ProcessDefinition,
): Promise<StageResult> {
  const { actions, bucket, entityIndex } = stores;
  const action = await actions.get(accountId, actionId);
  const process = processOf(action.processName);
  const hierarchy = process.parent && new Hierarchy();
  const relations = { ...(await openRelations(stores, action, process)), hierarchy };
  const staging = new Staging(action, process, new ChunkWriter(bucket, actionId), relations);
  const problem = await staging.run(() => open(bucket, action));
  const { tally, sheet, warnings } = staging;
  if (hierarchy && !problem) {
    const { misplaced } = await placeRows({ bucket, entityIndex }, action, staging.chunks, process, hierarchy);
    tally.valid -= misplaced;
    tally.invalid += misplaced;
  }
  const rejected = problem ?? rejection(action, tally);
  const charge = rejected ? undefined : await stores.charger.charge(action, tally.rows);
  await actions.record(accountId, actionId, {
    counts: {
      ...action.counts,
      rows: tally.rows,
      known: tally.known,
      invalid: tally.invalid,
      duplicate: tally.duplicate,
      pending: tally.valid,
    },
    stagedAt: new Date().toISOString(),
    ...chargeNote(charge),
    warnings,
    ...(sheet && { sheet }),
    ...(rejected && { problem: rejected }),
  });
  if (tally.rows === 0) return { outcome: 'unusable', chunks: [] };
  if (rejected) return { outcome: 'rejected', chunks: staging.chunks };
  return { outcome: charge?.waitSeconds ? 'over_quota' : 'staged', chunks: staging.chunks };
}

function chargeNote(charge: RowCharge | undefined): Pick<BulkAction, 'charged' | 'waitingFor'> {
  return {
    ...(charge?.charged && { charged: charge.charged }),
    ...(charge?.waitSeconds && { waitingFor: 'quota' as const }),
  };
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

/** One pass over a sheet. */
class Staging {
  warnings: string[] = [];
  private opened: OpenSheet | undefined;
  private reader: RowReader | undefined;
  /** How many headers the reader knows; JSON may bring new ones on the way. */
  private headersRead = 0;
  private kept: number[] = [];
  private readonly action: Pick<BulkAction, 'columns' | 'clearEmpty'>;
  private readonly process: ProcessDefinition;
  private readonly writer: ChunkWriter;
  private readonly judge: RowJudge;

  constructor(
    action: Pick<BulkAction, 'columns' | 'clearEmpty'>,
    process: ProcessDefinition,
    writer: ChunkWriter,
    relations: Relations,
  ) {
    this.action = action;
    this.process = process;
    this.writer = writer;
    this.judge = new RowJudge(process, relations);
  }

  get tally(): Tally {
    return this.judge.tally;
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
      const rows = problem ? records.map((record) => this.bare(record)) : await this.judged(records);
      for (const row of rows) await this.writer.add(row);
      if (problem) this.judge.tally.rows += rows.length;
    }
    return problem ?? absentHeaders({ reader: this.reader as RowReader, headers: sheet.headers });
  }

  private headerProblem({ format, headers }: OpenSheet): ActionProblem | undefined {
    const mayGrow = headersMayGrow(format);
    return headerProblem({ process: this.process, reader: this.reader as RowReader, headers, mayGrow });
  }

  private async judged(records: readonly SheetRecord[]): Promise<StagedRow[]> {
    const column = this.reader?.mapped.get(this.process.uniqueColumn) ?? -1;
    const verdicts = await this.judge.judge(
      records.map((record) => ({
        rowNumber: record.rowNumber,
        read: this.read(record),
        identifier: record.cells[column] ?? '',
      })),
    );
    return records.map((record, index) => ({ ...this.bare(record), ...verdicts[index] }));
  }

  private read({ problem, cells, absent }: SheetRecord): ReadRow {
    return problem ? { errors: [problem] } : (this.reader as RowReader).read(cells, absent);
  }

  private readHeaders({ headers }: OpenSheet): void {
    this.headersRead = headers.length;
    this.kept = headers.flatMap((header, index) => (isReportColumn(header) ? [] : [index]));
    this.reader = createRowReader(this.process, headers, this.action.columns, this.action.clearEmpty);
    this.warnings = headerWarnings(this.process, this.reader);
  }

  private bare({ rowNumber, cells }: SheetRecord): StagedRow {
    return { rowNumber, cells: this.keptCells(cells) };
  }

  /** The input's cells without our own report columns; cells beyond the headers stay, so that nothing is lost. */
  private keptCells(cells: readonly string[]): readonly string[] {
    if (this.kept.length === this.headersRead) return cells;
    return [...this.kept.map((index) => cells[index] ?? ''), ...cells.slice(this.headersRead)];
  }
}
