import type { BulkAction } from '../model/action.ts';
import { entityIdFor } from '../model/entity.ts';
import type { RowIdentity } from '../model/identity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { isTrackedAhead, referenceScopeOf, rowScopeOf } from '../model/row-scope.ts';
import type { StagedRow } from '../model/staged-row.ts';
import type { IdentifyInput, IdentifyResult } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import { concurrently } from '../store/concurrently.ts';
import type { MappingTable } from '../store/mapping-table.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { NewRow, RowScope, TrackedRow, TrackedRowWithData, TrackingTable } from '../store/tracking-table.ts';
import { MappingEntries } from './enter-mappings.ts';
import { refuseIfOver } from './refuse-if-over.ts';
import { selectedRows } from './retry-candidates.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly tracking: TrackingTable;
  readonly mapping: MappingTable;
  readonly bucket: SheetBucket;
}

/** The action and what its rows are identified with. `entries` is absent when nothing is mapped. */
interface Identification {
  readonly actions: ActionStore;
  readonly action: BulkAction;
  readonly tracking: TrackingTable;
  readonly bucket: SheetBucket;
  readonly scope: RowScope;
  readonly entries: MappingEntries | undefined;
  /** The id of the entity that a row is to become. */
  readonly entityId: (identity: RowIdentity) => string;
}

/** What identifying a chunk found; kept beside it for the dispatch and for whoever comes again. */
export interface IdentifiedChunk extends IdentifyResult {
  /** Numbers of the valid rows that need no batch: others knew them, or a retry found them settled. */
  readonly settled: readonly number[];
}

type Candidate = NewRow & StagedRow;

const rowsAtATime = 1_000;
const takeOversAtATime = 16;

/**
 * Finds out which of a chunk's valid rows are to become entities in this run, and enters the boundaries that each is
 * wanted at. Coming twice changes nothing.
 */
export async function identifyChunk(
  { actions, tracking, mapping, bucket }: Stores,
  input: IdentifyInput,
  processOf: (name: string) => ProcessDefinition,
): Promise<IdentifyResult> {
  const action = await actions.get(input.accountId, input.actionId);
  const process = processOf(action.processName);
  const identification = {
    actions,
    action,
    tracking,
    bucket,
    scope: rowScopeOf(action),
    entries: process.mapping && !action.dryRun ? new MappingEntries(mapping, action, process.mapping) : undefined,
    entityId: ({ uniqueIdentifier }: Pick<RowIdentity, 'uniqueIdentifier'>) =>
      entityIdFor(process, { ...referenceScopeOf(action), uniqueIdentifier }),
  };
  const { settled, ...result } =
    input.run === 0 ? await identifyFirst(identification, input) : await identifyRetry(identification, input);
  return result;
}

/**
 * A first run: what is not tracked is new, and is tracked when it ends. What is tracked is our own earlier attempt, an
 * unsettled row of an action that ended (taken over with the new values), or a row that is known. Nothing is unique by
 * this read, but by the conditional inserts that follow it. The outcome is written last, so where there is one, all of
 * it has happened.
 */
async function identifyFirst(identification: Identification, { chunk, run }: IdentifyInput): Promise<IdentifiedChunk> {
  const { actions, action, bucket } = identification;
  const key = sheetKeys.identified(action.actionId, chunk, run);
  const before = await bucket.findJson<IdentifiedChunk>(key);
  if (before) return before;
  const settled: number[] = [];
  let candidates = 0;
  let knownBefore = 0;
  let seen: BulkAction | undefined = action;
  for await (const rows of stagedRows(bucket, action, chunk)) {
    await refuseIfOver(actions, action, seen);
    seen = undefined;
    const open = rows.filter(isCandidate);
    candidates += open.length;
    knownBefore += rows.filter(({ effect }) => effect === 'known').length;
    settled.push(...(await identifyRows(identification, open)));
  }
  const known = knownBefore + settled.length;
  const identified = { chunk, pending: candidates - settled.length, known, settled };
  await bucket.put(key, JSON.stringify(identified), 'application/json');
  return identified;
}

/** Makes the rows this action's own, with their boundaries; answers with the numbers of those that were known. */
async function identifyRows(identification: Identification, rows: readonly Candidate[]): Promise<number[]> {
  const { tracking, action, scope, entries } = identification;
  const before = action.dryRun ? await knownBefore(identification, rows) : new Set<number>();
  const open = rows.filter(({ rowNumber }) => !before.has(rowNumber));
  const found = await foundOf(identification, open);
  await entries?.enterNew(open.filter(({ uniqueIdentifier }) => !found.has(uniqueIdentifier)));
  const met = open.filter(({ uniqueIdentifier }) => found.has(uniqueIdentifier));
  const isKnown = await concurrently(met, takeOversAtATime, (row) =>
    takeOverOrKnow(tracking, scope, action.actionId, row, found.get(row.uniqueIdentifier)),
  );
  const known = met.filter((_, index) => isKnown[index]);
  await entries?.enter(met.filter((_, index) => !isKnown[index]));
  await entries?.enterKnown(tracking, known, found);
  return [...before, ...known.map((row) => row.rowNumber)];
}

/** Those of the rows that were tracked before, by identifier. */
async function foundOf(
  { tracking, action, scope, entityId }: Identification,
  rows: readonly Candidate[],
): Promise<ReadonlyMap<string, TrackedRowWithData>> {
  if (!isTrackedAhead(action)) {
    // An action whose rows are its own tracks them in batches, and those come later.
    return action.rowScope === 'action' ? new Map() : tracking.readWithData(scope, identifiersOf(rows));
  }
  const inserted = await tracking.insertPending(scope, action.actionId, rows, entityId);
  const met = rows.filter((_, index) => !inserted[index]);
  return met.length === 0 ? new Map() : tracking.readWithData(scope, identifiersOf(met));
}

/** A dry run only looks at the rows of its reference: the numbers of those that a real run would know. */
async function knownBefore({ tracking, action }: Identification, rows: readonly Candidate[]): Promise<Set<number>> {
  if (action.rowScope === 'action') return new Set();
  const found = await tracking.read(referenceScopeOf(action), identifiersOf(rows), true);
  const known = rows.filter(({ uniqueIdentifier }) => found.get(uniqueIdentifier)?.status === 'success');
  return new Set(known.map(({ rowNumber }) => rowNumber));
}

/** True when the row is known, that is, settled by another action. */
async function takeOverOrKnow(
  tracking: TrackingTable,
  scope: RowScope,
  actionId: string,
  row: NewRow,
  seen: TrackedRow | undefined,
): Promise<boolean> {
  if (seen === undefined) throw new Error(`Row ${row.rowNumber} was there and is not any more`);
  if (seen.actionId === actionId) return false;
  if (seen.status === 'success') return true;
  if (await tracking.takeOver(scope, actionId, row, seen)) return false;
  // It changed under our eyes: a late batch of the ended action may just have settled it. Look again.
  const now = await tracking.read(scope, [row.uniqueIdentifier], true);
  return takeOverOrKnow(tracking, scope, actionId, row, now.get(row.uniqueIdentifier));
}

/**
 * A retry: reads first, since most rows are settled. What is open is written down before it is made pending, so that
 * whoever comes again plans the same batches.
 */
async function identifyRetry(
  { actions, action, tracking, bucket, scope, entries, entityId }: Identification,
  { chunk, run }: IdentifyInput,
): Promise<IdentifiedChunk> {
  const key = sheetKeys.identified(action.actionId, chunk, run);
  const identified = (await bucket.findJson<IdentifiedChunk>(key)) ?? (await findOpen(tracking, bucket, action, chunk));
  await bucket.put(key, JSON.stringify(identified), 'application/json');
  const settled = new Set(identified.settled);
  for await (const rows of candidatesOf(bucket, action, chunk)) {
    await refuseIfOver(actions, action);
    const open = rows.filter((row) => !settled.has(row.rowNumber));
    const revived = await tracking.revive(scope, action.actionId, identifiersOf(open));
    await tracking.insertPending(
      scope,
      action.actionId,
      open.filter((_, index) => !revived[index]),
      entityId,
    );
    await entries?.enter(open);
  }
  return identified;
}

async function findOpen(
  tracking: TrackingTable,
  bucket: SheetBucket,
  action: BulkAction,
  chunk: string,
): Promise<IdentifiedChunk> {
  const settled: number[] = [];
  const selected = await selectedRows(bucket, action, chunk);
  const reopened = { failed: 0, unprocessed: 0, cancelled: 0 };
  let known = 0;
  let pending = 0;
  for await (const rows of candidatesOf(bucket, action, chunk)) {
    const tracked = await tracking.read(rowScopeOf(action), identifiersOf(rows), true);
    for (const { uniqueIdentifier, rowNumber } of rows) {
      const row = tracked.get(uniqueIdentifier);
      const others = row !== undefined && row.actionId !== action.actionId;
      const answer = selected?.get(rowNumber);
      if (others || row?.status === 'success' || (selected && !answer)) settled.push(rowNumber);
      else pending += 1;
      if (others) known += 1;
      else if (answer && row?.status !== 'success') reopened[answer] += 1;
    }
  }
  return { chunk, pending, known, settled, ...(selected && { reopened }) };
}

async function* candidatesOf(bucket: SheetBucket, action: BulkAction, chunk: string): AsyncGenerator<Candidate[]> {
  for await (const rows of stagedRows(bucket, action, chunk)) yield rows.filter(isCandidate);
}

function stagedRows(bucket: SheetBucket, { actionId }: BulkAction, chunk: string): AsyncGenerator<StagedRow[]> {
  return bucket.readLines<StagedRow>(sheetKeys.chunk(actionId, chunk), rowsAtATime);
}

function isCandidate(row: StagedRow): row is Candidate {
  return row.data !== undefined && row.uniqueIdentifier !== undefined;
}

function identifiersOf(rows: readonly Candidate[]): string[] {
  return rows.map((row) => row.uniqueIdentifier);
}
