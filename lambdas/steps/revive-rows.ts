import type { BulkAction } from '../model/action.ts';
import { entityIdFor } from '../model/entity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { referenceScopeOf, rowScopeOf } from '../model/row-scope.ts';
import { chunkCapacity, revivedChunkName, sheetChunkName } from '../model/staged-row.ts';
import type { DispatchedChunk, IdentifyResult, ReviveInput, RevivePlan } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { MappingTable } from '../store/mapping-table.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { TrackedRowWithData, TrackingTable } from '../store/tracking-table.ts';
import { MappingEntries } from './enter-mappings.ts';
import { orderRows } from './order-rows.ts';

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
  const action = await stores.actions.get(input.accountId, input.actionId);
  const process = processOf(action.processName);
  const revived =
    input.run === 0 ? ((await readRevived(stores.bucket, action)) ?? (await writeRevived(stores, action))) : [];
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
  if (action.status === 'validating') await actions.transition(accountId, actionId, 'processing');
  await actions.record(accountId, actionId, {
    ...(action.run === 0 && { counts: { ...counts, known: sum('known'), pending: sum('pending') } }),
    batches: {
      total: lastBatches.at(-1) ?? 0,
      done: 0,
      rows: batchRows,
      ...(lastBatches.length > 1 && { levels: lastBatches }),
    },
    movement: { done: 0, since: now, dispatchedAt: now },
  });
}

async function writeRevived({ references, tracking, bucket }: Stores, action: BulkAction): Promise<IdentifyResult[]> {
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
  for await (const rows of leftBehind(references, tracking, action)) {
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
 * Unsettled rows of the reference and process that are not in this action's sheet: those were taken over by now, or, by a
 * dry run, tracked beside them. An action whose rows are its own has none.
 */
async function* leftBehind(
  references: ReferenceStore,
  tracking: TrackingTable,
  action: BulkAction,
): AsyncGenerator<TrackedRowWithData[]> {
  if (action.rowScope === 'action') return;
  const process = await references.process(action);
  // No action has ended here yet, or the last left nothing behind: the whole reference need not be read for nothing.
  if (process?.lastActionId === undefined || process.clean === true) return;
  for await (const rows of tracking.unsettled(referenceScopeOf(action))) {
    const others = rows.filter((row) => row.actionId !== action.actionId);
    yield action.dryRun ? await untracked(tracking, action, others) : others;
  }
}

async function untracked(
  tracking: TrackingTable,
  action: BulkAction,
  rows: readonly TrackedRowWithData[],
): Promise<TrackedRowWithData[]> {
  const tracked = await tracking.read(
    rowScopeOf(action),
    rows.map((row) => row.uniqueIdentifier),
    true,
  );
  return rows.filter((row) => !tracked.has(row.uniqueIdentifier));
}

/**
 * The action that left the rows behind may have been stopped before it had entered all their boundaries. A dry run leaves
 * them, and the rows, as they are, and tracks rows of its own.
 */
async function makePending(
  { tracking, mapping, bucket }: Stores,
  action: BulkAction,
  chunk: string,
  process: ProcessDefinition,
): Promise<void> {
  const scope = rowScopeOf(action);
  const entries = process.mapping && new MappingEntries(mapping, action, process.mapping);
  for await (const rows of bucket.readLines<TrackedRowWithData>(sheetKeys.chunk(action.actionId, chunk), rowsAtATime)) {
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
  const key = sheetKeys.revived(actionId);
  return (await bucket.head(key)) && bucket.getJson<IdentifyResult[]>(key);
}

/** All chunks that an action has by now: its sheet's and its revived rows'. */
export async function chunksOf(bucket: SheetBucket, action: BulkAction): Promise<string[]> {
  const sheet = Array.from({ length: action.sheet?.chunks ?? 0 }, (_, index) => sheetChunkName(index));
  const revived = (await readRevived(bucket, action)) ?? [];
  return [...sheet, ...revived.map(({ chunk }) => chunk)];
}
