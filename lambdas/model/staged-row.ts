import type { EntityEffect } from './entity.ts';
import type { RowAnswer, RowData, RowError } from './row.ts';

/**
 * One line of a chunk (`chunks/{actionId}/000000.ndjson`): every input row, in input order.
 * Exactly one of `data`, `errors`, `duplicateOf` and the effect `known` says what staging made of it.
 */
export interface StagedRow {
  /** The row's number as a person sees it in the sheet. */
  readonly rowNumber: number;
  /** The input's cells in the order of the sheet's headers; absent for revived rows, which have no line in this sheet. */
  readonly cells?: readonly string[];
  /** JSON, NDJSON: the object that the row was, for a report that has its values as they were. */
  readonly element?: string;
  /** Present when the row is valid and the first of its identifier. */
  readonly uniqueIdentifier?: string;
  readonly data?: RowData;
  /**
   * What a row of an entity that can change is to do, from what there was when it was staged; of `known` ones, nothing.
   * Absent where rows only ever create.
   */
  readonly effect?: EntityEffect;
  /** With `effect`: the entity that is meant, or the id that a new one is to have. */
  readonly entityId?: string;
  /** Where a valid row of a hierarchical process stands: every row comes after those of lower levels. */
  readonly level?: number;
  /** Present when the row is invalid: all its errors. */
  readonly errors?: readonly RowError[];
  /** The rowNumber of the first row with the same identifier. */
  readonly duplicateOf?: number;
  /** The column in which the two are the same, where there are several that they may be. */
  readonly duplicateIn?: string;
}

/** One line of a chunk's outcome (`results/{actionId}/000000.ndjson`), in the order of the chunk. */
export interface SettledRow {
  readonly rowNumber: number;
  readonly answer: RowAnswer;
  readonly uniqueIdentifier?: string;
  readonly entityId?: string;
  readonly errors?: readonly RowError[];
}

/** Names a chunk within its action: `000012` for the sheet's, `revived-000003` for rows taken up from earlier actions. */
export type ChunkName = string;

/** The chunk's name by its number. */
export function sheetChunkName(index: number): ChunkName {
  return String(index).padStart(6, '0');
}

/** The name of a chunk of rows that earlier actions left unsettled. */
export function revivedChunkName(index: number): ChunkName {
  return `revived-${String(index).padStart(6, '0')}`;
}

/** The name of a chunk that holds a run's unsettled rows of one level, copied out of the others. */
export function orderedChunkName(run: number, index: number): ChunkName {
  return `ordered-${run}-${String(index).padStart(6, '0')}`;
}

/** True for a chunk whose rows are all to be dispatched. */
export function isOrderedChunk(chunk: ChunkName): boolean {
  return chunk.startsWith('ordered-');
}

/** True for a chunk of rows that have no line in the action's sheet. */
export function isRevivedChunk(chunk: ChunkName): boolean {
  return chunk.startsWith('revived-');
}

/**
 * Rows in chunk number `index`. Chunks grow so that ten million rows make some 440 of them: three inline Maps of as many
 * items stay far below Step Functions' 25,000 history events, each of which costs money, and a small sheet is still worked on
 * in parallel.
 */
export function chunkCapacity(index: number): number {
  if (index < 40) return 1_000;
  if (index < 140) return 5_000;
  return 90_000;
}

/**
 * Bytes that chunk number `index` holds at most, give or take a row: whoever works on it keeps it in memory. They grow
 * later than the rows, so that only the largest sheets take the memory of large chunks.
 */
export function chunkBytes(index: number): number {
  return (index < 240 ? 4 : 16) * 1024 ** 2;
}
