import type { BulkAction } from '../model/action.ts';
import { parentOf } from '../model/entity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { chunkCapacity, isRevivedChunk, orderedChunkName, type StagedRow } from '../model/staged-row.ts';
import type { IdentifyResult } from '../model/steps.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { settledRows } from './dispatch-chunk.ts';
import { Hierarchy } from './hierarchy.ts';

/** What orders the rows of one run. */
interface Ordering {
  readonly bucket: SheetBucket;
  readonly action: BulkAction;
  readonly process: ProcessDefinition;
}

const rowsAtATime = 1_000;

/**
 * Copies a run's unsettled rows into chunks by level, so that all parents can be dispatched, and answer, before their
 * children are. Rows of earlier actions come after those of the sheet: a sheet's row has its parent in the sheet or in the
 * registry, while an earlier row may wait for one of the sheet. Coming twice writes the same.
 */
export async function orderRows(
  ordering: Ordering,
  chunks: readonly IdentifyResult[],
): Promise<(readonly IdentifyResult[])[]> {
  const [revived, sheet] = partition(chunks, ({ chunk }) => isRevivedChunk(chunk));
  const writer = new LevelWriter(ordering);
  for (const { chunk } of sheet) await copy(ordering, chunk, writer, ({ level = 0 }) => level);
  const earlier = await placeEarlier(ordering, revived);
  const first = writer.levels;
  for (const { chunk } of revived) {
    await copy(ordering, chunk, writer, ({ uniqueIdentifier = '' }) => first + earlier.levelOf(uniqueIdentifier));
  }
  return writer.end();
}

function partition<Item>(items: readonly Item[], is: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(is), items.filter((item) => !is(item))];
}

/** How the rows of earlier actions stand to each other. */
async function placeEarlier(
  { bucket, action, process }: Ordering,
  revived: readonly IdentifyResult[],
): Promise<Hierarchy> {
  const hierarchy = new Hierarchy();
  for (const { chunk } of revived) {
    for await (const rows of bucket.readLines<StagedRow>(sheetKeys.chunk(action.actionId, chunk), rowsAtATime)) {
      for (const { uniqueIdentifier, data, rowNumber } of rows) {
        if (uniqueIdentifier !== undefined && data) {
          hierarchy.add(uniqueIdentifier, parentOf(process, data) ?? '', rowNumber);
        }
      }
    }
  }
  hierarchy.place(() => undefined);
  return hierarchy;
}

async function copy(
  { bucket, action }: Ordering,
  chunk: string,
  writer: LevelWriter,
  levelOf: (row: StagedRow) => number,
): Promise<void> {
  const settled = await settledRows(bucket, { actionId: action.actionId, run: action.run, chunk });
  for await (const rows of bucket.readLines<StagedRow>(sheetKeys.chunk(action.actionId, chunk), rowsAtATime)) {
    for (const { rowNumber, uniqueIdentifier, data, level } of rows) {
      if (uniqueIdentifier === undefined || data === undefined || settled.has(rowNumber)) continue;
      const row = { rowNumber, uniqueIdentifier, data, ...(level !== undefined && { level }) };
      await writer.add(levelOf(row), row);
    }
  }
}

/** Writes rows as chunks of one level each. */
class LevelWriter {
  private readonly ordering: Ordering;
  /** By level: the rows not yet written, and the chunks that are. */
  private readonly open: StagedRow[][] = [];
  private readonly written: IdentifyResult[][] = [];
  private chunks = 0;

  constructor(ordering: Ordering) {
    this.ordering = ordering;
  }

  /** One more than the highest level so far. */
  get levels(): number {
    return this.open.length;
  }

  async add(level: number, row: StagedRow): Promise<void> {
    while (this.open.length <= level) {
      this.open.push([]);
      this.written.push([]);
    }
    const rows = this.open[level] as StagedRow[];
    rows.push(row);
    if (rows.length >= chunkCapacity(this.chunks)) await this.flush(level);
  }

  /** Writes what is left; answers with the chunks of each level that has any, the lowest first. */
  async end(): Promise<(readonly IdentifyResult[])[]> {
    for (const level of this.open.keys()) await this.flush(level);
    return this.written.filter((chunks) => chunks.length > 0);
  }

  private async flush(level: number): Promise<void> {
    const rows = this.open[level] as StagedRow[];
    if (rows.length === 0) return;
    const { bucket, action } = this.ordering;
    const chunk = orderedChunkName(action.run, this.chunks);
    this.chunks += 1;
    this.open[level] = [];
    await bucket.putLines(sheetKeys.chunk(action.actionId, chunk), rows);
    this.written[level]?.push({ chunk, pending: rows.length, known: 0 });
  }
}
