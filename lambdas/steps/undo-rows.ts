import type { BulkAction } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { rowScopeOf } from '../model/row-scope.ts';
import type { SettledRow } from '../model/staged-row.ts';
import type { UndoInput, UndoProgress } from '../model/undo-steps.ts';
import type { RowToUndo, UndoneRow } from '../model/undone-row.ts';
import type { ActionRequests } from '../store/action-requests.ts';
import type { ActionStore } from '../store/action-store.ts';
import { concurrently, pieces } from '../store/concurrently.ts';
import type { MappingTable } from '../store/mapping-table.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { TrackingTable } from '../store/tracking-table.ts';
import { freeFromEnded } from './claim-reference.ts';
import { MappingEntries } from './enter-mappings.ts';
import { answersOf } from './retry-candidates.ts';
import { chunksOf } from './revive-rows.ts';
import { type UndoStores, undoEntities } from './undo-entities.ts';

export interface UndoRowsStores extends UndoStores {
  readonly actions: ActionStore;
  readonly requests: ActionRequests;
  readonly references: ReferenceStore;
  readonly tracking: TrackingTable;
  readonly mapping: MappingTable;
  readonly bucket: SheetBucket;
}

export interface UndoRowsContext {
  processOf(name: string): ProcessDefinition;
  /** Milliseconds until the function is ended. */
  remainingMs(): number;
}

/** An entity that was left alone: a line of `reports/{actionId}/undo/{chunk}.ndjson`. */
export type SkippedRow = Pick<SettledRow, 'rowNumber' | 'uniqueIdentifier'> & Extract<UndoneRow, { kind: 'skipped' }>;

const pageRows = 200;
const pagesAtATime = 4;
/** Another action of the reference and process ends within minutes, as a rule. */
const busySeconds = 15;
/** The largest chunk, at a thousand rows a second. No chunk is begun with less time than this. */
const leastMs = 150_000;

/**
 * Undoes the rows of as many chunks as there is time for, the last ones first, since where rows have parents those come
 * before them. A chunk is done when its list of skipped rows is written; one that is begun again answers the same.
 */
export async function undoRows(
  stores: UndoRowsStores,
  { accountId, actionId, attempt, progress }: UndoInput,
  context: UndoRowsContext,
): Promise<UndoProgress> {
  const action = await stores.actions.get(accountId, actionId);
  if (action.undo?.status !== 'running' || action.undo.attempt !== attempt) return { ...progress, outcome: 'over' };
  if (!(await takeReference(stores, action, attempt)))
    return { ...progress, outcome: 'busy', waitSeconds: busySeconds };
  const undoing = new Undoing(stores, action, context.processOf(action.processName));
  const chunks = (await chunksOf(stores.bucket, action)).reverse();
  let sum: UndoProgress = { ...progress, outcome: 'again', waitSeconds: 0 };
  for (const chunk of chunks.slice(progress.chunks)) {
    sum = addUp(sum, await undoing.chunk(chunk));
    await stores.requests.noteUndo(action, sum);
    if (context.remainingMs() < leastMs && sum.chunks < chunks.length) return sum;
  }
  return nextPass(sum);
}

/**
 * Its rows are not to be known to another action, nor taken up, while they go. It has the reference since it began, and
 * makes sure of that with each step.
 */
async function takeReference(
  { references, actions }: UndoRowsStores,
  action: BulkAction,
  attempt: number,
): Promise<boolean> {
  if (await references.claim(action, attempt)) return true;
  return (await freeFromEnded(references, actions, action)) && references.claim(action, attempt);
}

function addUp(sum: UndoProgress, undone: readonly UndoneRow[]): UndoProgress {
  const count = (kind: UndoneRow['kind']) => undone.filter((row) => row.kind === kind).length;
  const stillNamed = undone.filter((row) => row.kind === 'skipped' && row.error.code === 'still_named').length;
  return {
    ...sum,
    chunks: sum.chunks + 1,
    deleted: sum.deleted + count('deleted'),
    restored: sum.restored + count('restored'),
    skipped: sum.skipped + count('skipped'),
    stillNamed: sum.stillNamed + stillNamed,
  };
}

/** Parents that stayed because of children which are gone by now go in another pass, as long as passes get further. */
function nextPass(sum: UndoProgress): UndoProgress {
  if (sum.stillNamed === 0 || sum.deleted === sum.deletedBefore) return { ...sum, outcome: 'done' };
  const from = { chunks: 0, deleted: 0, restored: 0, skipped: 0, stillNamed: 0 };
  return { ...sum, ...from, outcome: 'again', deletedBefore: sum.deleted };
}

/** The undoing of one action's chunks. */
class Undoing {
  private readonly stores: UndoRowsStores;
  private readonly action: BulkAction;
  private readonly process: ProcessDefinition;

  constructor(stores: UndoRowsStores, action: BulkAction, process: ProcessDefinition) {
    this.stores = stores;
    this.action = action;
    this.process = process;
  }

  async chunk(chunk: string): Promise<UndoneRow[]> {
    const { bucket } = this.stores;
    const rows: RowToUndo[] = [];
    for await (const answers of answersOf(bucket, this.action.actionId, chunk)) rows.push(...answers.flatMap(toUndo));
    rows.reverse();
    const width = this.process.parent ? 1 : pagesAtATime;
    const pages = await concurrently(pieces(rows, pageRows), width, (page) => this.page(page));
    const undone = pages.flat();
    const skipped = undone.flatMap((row, index) =>
      row.kind === 'skipped' ? [{ ...row, uniqueIdentifier: rows[index]?.uniqueIdentifier }] : [],
    );
    await bucket.putLines(sheetKeys.undo(this.action.actionId, chunk), skipped.reverse());
    return undone;
  }

  private async page(rows: readonly RowToUndo[]): Promise<UndoneRow[]> {
    const undone = await undoEntities(this.stores, this.action, rows);
    const gone = rows.filter((_, index) => undone[index]?.kind === 'deleted');
    if (this.action.rowScope !== 'action') await this.forget(gone.map(({ uniqueIdentifier }) => uniqueIdentifier));
    return undone;
  }

  /**
   * Rows that all actions of the reference share are forgotten, so that the same sheet creates them again. Their mappings
   * first: without its row a mapping would be looked for by nobody.
   */
  private async forget(uniqueIdentifiers: readonly string[]): Promise<void> {
    const { tracking, mapping } = this.stores;
    if (this.process.mapping) {
      await new MappingEntries(mapping, this.action, this.process.mapping).withdraw(uniqueIdentifiers);
    }
    await tracking.forget(rowScopeOf(this.action), this.action.actionId, uniqueIdentifiers);
  }
}

/** Rows that changed nothing need no undoing. */
function toUndo({ rowNumber, uniqueIdentifier, entityId, answer }: SettledRow): RowToUndo[] {
  const changed = answer === 'created' || answer === 'updated' || answer === 'deleted';
  if (!changed || uniqueIdentifier === undefined || entityId === undefined) return [];
  return [{ rowNumber, uniqueIdentifier, entityId, answer }];
}
