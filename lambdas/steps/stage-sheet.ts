import type { ActionProblem, BulkAction, StagedSheet } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { ExecutionInput, StageResult } from '../model/steps.ts';
import { openSheet } from '../sheets/open-sheet.ts';
import type { OpenSheet } from '../sheets/sheet.ts';
import { SheetError } from '../sheets/sheet-error.ts';
import type { ActionStore } from '../store/action-store.ts';
import { ObjectReplacedError, type SheetBucket } from '../store/sheet-bucket.ts';
import type { RowCharge, RowCharger } from './charge-rows.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { Hierarchy } from './hierarchy.ts';
import { type Meaning, type Relations, RowJudge, type Tally } from './judge-rows.ts';
import { oneAhead } from './one-ahead.ts';
import { type EntityStores, openRelations } from './open-relations.ts';
import { placeRows } from './place-rows.ts';
import { type ReadRows, SheetRows } from './sheet-rows.ts';

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
  const { source } = action;
  const etag = source.kind === 'inbox' ? source.etag : undefined;
  return openSheet(
    bucket.source(source.key, source.size, etag),
    action.sheetName === undefined ? {} : { sheetName: action.sheetName },
  );
}

/** Nobody but who may write to an inbox can do that: what is uploaded by an address has a key of its own. */
const replacedSheet: ActionProblem = {
  code: 'sheet_replaced',
  detail:
    'Another file was put in the place of the sheet before it was read. That file has an action of its own; if this one is wanted, too, drop it again under another name.',
};

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
  private opened: OpenSheet | undefined;
  private rows: SheetRows | undefined;
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

  get warnings(): string[] {
    return this.rows?.warnings ?? [];
  }

  /** Stages what can be read; answers with what stood in the way of the rest. */
  async run(open: () => Promise<OpenSheet>): Promise<ActionProblem | undefined> {
    try {
      this.opened = await open();
      this.rows = new SheetRows(this.opened, this.process, this.action);
      return await this.stage(this.rows);
    } catch (error) {
      if (error instanceof SheetError) return { code: error.code, detail: error.message };
      if (error instanceof ObjectReplacedError) return replacedSheet;
      throw error;
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
    const { format, encoding, delimiter, sheetName } = this.opened;
    return {
      format,
      ...(encoding !== undefined && { encoding }),
      ...(delimiter !== undefined && { delimiter }),
      ...(sheetName !== undefined && { sheetName }),
      headers: this.rows?.headers ?? [],
      chunks: this.writer.chunks.length,
    };
  }

  /** While some rows are judged, the next ones are read and what they mean is looked up. */
  private async stage(rows: SheetRows): Promise<ActionProblem | undefined> {
    for await (const { bare, records, meaning } of oneAhead(this.lookedUp(rows))) {
      const verdicts = records ? await this.judge.judge(records, meaning) : [];
      for (const [index, row] of bare.entries()) await this.writer.add({ ...row, ...verdicts[index] });
      if (!records) this.tally.rows += bare.length;
    }
    return rows.problem;
  }

  private async *lookedUp(
    rows: SheetRows,
  ): AsyncGenerator<ReadRows & { readonly meaning?: Promise<Meaning | undefined> }> {
    for await (const read of rows.read()) {
      const meaning = read.records && this.judge.meaningOf(read.records);
      // Whoever awaits it gets the error; until then it must not count as unhandled.
      meaning?.catch(() => undefined);
      yield { ...read, ...(meaning && { meaning }) };
    }
  }
}
