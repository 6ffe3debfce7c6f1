import type { BulkAction, Counts } from '../model/action.ts';
import { entityIdFor } from '../model/entity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { rowScopeOf } from '../model/row-scope.ts';
import { chunkCapacity, isRevivedChunk, revivedChunkName, sheetChunkName } from '../model/staged-row.ts';
import type { DispatchedChunk, IdentifyResult, ReviveInput, RevivePlan } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { MappingTable } from '../store/mapping-table.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { TrackedRowWithData, TrackingTable } from '../store/tracking-table.ts';
import { MappingEntries } from './enter-mappings.ts';
import { orderRows } from './order-rows.ts';
import { refuseIfOver } from './refuse-if-over.ts';
import { rowsLeftBehind } from './rows-left-behind.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly references: ReferenceStore;
  readonly tracking: TrackingTable;
  readonly mapping: MappingTable;
  readonly bucket: SheetBucket;
}

const rowsAtATime = 1_000;

/**
 * Takes up the rows that earlier actions of the reference and process left unsettled, and plans the dispatch: which
 * chunk's batches have which numbers. A retry takes up none: its own rows were identified with its chunks.
 *
 * The rows' chunks are written, then listed, and only then are the rows made pending: whoever is killed in between
 * finds the list and goes on, instead of taking its own revived rows for rows of the sheet.
 * @param batchRows rows of a full batch
 */
export async function reviveRows(
  stores: Stores,
  input: ReviveInput,
  processOf: (name: string) => ProcessDefinition,
  batchRows: number,
): Promise<RevivePlan> {
  const [action, listed] = await Promise.all([
    stores.actions.get(input.accountId, input.actionId),
    input.run === 0 ? readRevived(stores.bucket, input) : [],
  ]);
  const process = processOf(action.processName);
  const revived = listed ?? (await writeRevived(stores, action));
  for (const { chunk } of revived) await makePending(stores, action, chunk, process);
  const chunks = [...input.identified, ...revived];
  const inOrder = process.parent ? await orderRows({ bucket: stores.bucket, action, process }, chunks) : [chunks];
  const { levels, lastBatches } = numberBatches(inOrder, batchRows);
  await recordPlan(stores.actions, action, input, { lastBatches, batchRows });
  const [dispatch = [], ...later] = levels;
  const totalBatches = lastBatches.at(-1) ?? 0;
  return { dispatch, level: 0, levels: later, totalBatches, settle: chunks.map(({ chunk }) => chunk) };
}

/** Numbers the batches of all chunks through, level by level. */
function numberBatches(
  levels: readonly (readonly IdentifyResult[])[],
  batchRows: number,
): { levels: DispatchedChunk[][]; lastBatches: number[] } {
  let batches = 0;
  const numbered = levels.map((chunks) => {
    const dispatched: DispatchedChunk[] = [];
    for (const { chunk, pending } of chunks) {
      if (pending > 0) dispatched.push({ chunk, firstBatch: batches + 1 });
      batches += Math.ceil(pending / batchRows);
    }
    return { dispatched, lastBatch: batches };
  });
  return {
    levels: numbered.map(({ dispatched }) => dispatched),
    lastBatches: numbered.map(({ lastBatch }) => lastBatch),
  };
}

async function recordPlan(
  actions: ActionStore,
  action: BulkAction,
  { identified }: ReviveInput,
  { lastBatches, batchRows }: { lastBatches: readonly number[]; batchRows: number },
): Promise<void> {
  const now = new Date().toISOString();
  const { accountId, actionId, counts } = action;
  const sum = (key: 'pending' | 'known') => identified.reduce((total, chunk) => total + chunk[key], 0);
  const plan = {
    ...(action.run === 0 && { counts: { ...counts, known: sum('known'), pending: sum('pending') } }),
    ...(action.run > 0 && { counts: reopened(counts, identified) }),
    batches: {
      total: lastBatches.at(-1) ?? 0,
      done: 0,
      rows: batchRows,
      ...(lastBatches.length > 1 && { levels: lastBatches }),
    },
    movement: { done: 0, since: now, dispatchedAt: now },
  };
  const isFirst = action.status === 'validating' && (await actions.transition(accountId, actionId, 'processing', plan));
  if (!isFirst) await actions.record(accountId, actionId, plan);
}

/**
 * The counts of a retry that takes up some rows only. Once any are pending it has been here before. Revived rows are no
 * rows of the sheet.
 */
function reopened(counts: Counts, identified: readonly IdentifyResult[]): Counts {
  if (counts.pending > 0) return counts;
  const open = { failed: 0, unprocessed: 0, cancelled: 0 };
  for (const chunk of identified.filter(({ chunk }) => !isRevivedChunk(chunk))) {
    for (const answer of Object.keys(open) as (keyof typeof open)[]) open[answer] += chunk.reopened?.[answer] ?? 0;
  }
  return {
    ...counts,
    pending: open.failed + open.unprocessed + open.cancelled,
    failed: counts.failed - open.failed,
    unprocessed: counts.unprocessed - open.unprocessed,
    cancelled: counts.cancelled - open.cancelled,
  };
}

async function writeRevived(stores: Stores, action: BulkAction): Promise<IdentifyResult[]> {
  const { bucket } = stores;
  const revived: IdentifyResult[] = [];
  const write = async (rows: readonly TrackedRowWithData[]) => {
    const chunk = revivedChunkName(revived.length);
    await bucket.putLines(
      sheetKeys.chunk(action.actionId, chunk),
      rows.map(({ rowNumber, uniqueIdentifier, data }) => ({ rowNumber, uniqueIdentifier, data })),
    );
    revived.push({ chunk, pending: rows.length, known: 0 });
  };
  let open: TrackedRowWithData[] = [];
  for await (const rows of rowsLeftBehind(stores, action)) {
    open.push(...rows);
    for (let size = chunkCapacity(revived.length); open.length >= size; size = chunkCapacity(revived.length)) {
      await write(open.slice(0, size));
      open = open.slice(size);
    }
  }
  if (open.length > 0) await write(open);
  await bucket.put(sheetKeys.revived(action.actionId), JSON.stringify(revived), 'application/json');
  return revived;
}

/**
 * The action that left the rows behind may have been stopped before it had entered all their boundaries. A dry run leaves
 * them, and the rows, as they are, and tracks rows of its own.
 */
async function makePending(
  { actions, tracking, mapping, bucket }: Stores,
  action: BulkAction,
  chunk: string,
  process: ProcessDefinition,
): Promise<void> {
  const scope = rowScopeOf(action);
  const entries = process.mapping && new MappingEntries(mapping, action, process.mapping);
  for await (const rows of bucket.readLines<TrackedRowWithData>(sheetKeys.chunk(action.actionId, chunk), rowsAtATime)) {
    await refuseIfOver(actions, action);
    if (action.dryRun) {
      await tracking.insertPending(scope, action.actionId, rows, (identity) => entityIdFor(process, identity));
      continue;
    }
    await tracking.revive(
      scope,
      action.actionId,
      rows.map((row) => row.uniqueIdentifier),
    );
    await entries?.enter(rows);
  }
}

/** The chunks of revived rows as they were listed; undefined before they were. */
export async function readRevived(
  bucket: SheetBucket,
  { actionId }: Pick<BulkAction, 'actionId'>,
): Promise<IdentifyResult[] | undefined> {
  return bucket.findJson<IdentifyResult[]>(sheetKeys.revived(actionId));
}

/** All chunks that an action has by now: its sheet's and its revived rows'. */
export async function chunksOf(bucket: SheetBucket, action: BulkAction): Promise<string[]> {
  const sheet = Array.from({ length: action.sheet?.chunks ?? 0 }, (_, index) => sheetChunkName(index));
  const revived = (await readRevived(bucket, action)) ?? [];
  return [...sheet, ...revived.map(({ chunk }) => chunk)];
}
