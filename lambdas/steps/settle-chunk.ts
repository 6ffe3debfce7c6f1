import type { BulkAction, Counts } from '../model/action.ts';
import type { EntityEffect } from '../model/entity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { type RowAnswer, type RowError, rowLeft } from '../model/row.ts';
import { isTrackedAhead, type RowScope, referenceScopeOf, rowScopeOf } from '../model/row-scope.ts';
import type { SettledRow, StagedRow } from '../model/staged-row.ts';
import type { SettleInput, SettleMode, SettleResult } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { EndedRow, TrackedRow, TrackingTable } from '../store/tracking-table.ts';
import { type EndStores, endPendingRows, leftError } from './end-pending-rows.ts';
import { duplicateOf } from './first-rows.ts';
import type { IdentifiedChunk } from './identify-chunk.ts';
import { earlierAnswers, narrowing } from './retry-candidates.ts';
import { withEntityIds } from './with-entity-ids.ts';

interface Stores extends EndStores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
}

/** What is being settled, and how. */
interface Settlement extends EndStores {
  readonly action: BulkAction;
  readonly process: ProcessDefinition;
  readonly mode: SettleMode;
  /** Why a row that has had no turn gets none. */
  readonly left: RowError;
  /** Numbers of the chunk's known rows, where its rows that have not ended are to end, and may not be tracked yet. */
  readonly known: ReadonlySet<number> | undefined;
  /** Answers of the run before, where a retry left rows out: those that were never tracked keep theirs. */
  readonly earlier: ReadonlyMap<number, SettledRow>;
}

const rowsAtATime = 1_000;

const rejected: RowError = {
  code: 'sheet_rejected',
  message:
    'Nothing of this sheet was created, because other rows of it, or its columns, are not valid. Correct them and upload the sheet again, or choose to skip invalid rows.',
};

type Settled = SettledRow | 'pending';
type OwnRow = Pick<SettledRow, 'rowNumber' | 'uniqueIdentifier'>;

/**
 * Recounts a chunk from the tracking table, which is the truth, and writes each row's answer. In mode `final` a row that
 * is still pending fails as `unprocessed` or `cancelled`, under the same condition as its success: one of the two wins.
 */
export async function settleChunk(
  stores: Stores,
  { accountId, actionId, chunk, mode }: SettleInput,
  processOf: (name: string) => ProcessDefinition,
): Promise<SettleResult> {
  const action = await stores.actions.get(accountId, actionId);
  const settlement: Settlement = {
    ...stores,
    action,
    process: processOf(action.processName),
    mode,
    left: leftError(action, chunk),
    known: mode === 'final' && !isTrackedAhead(action) ? await knownOf(stores.bucket, action, chunk) : undefined,
    earlier: narrowing(action) ? await earlierAnswers(stores.bucket, actionId, chunk) : new Map(),
  };
  const counts: Partial<Counts> = {};
  const settled: SettledRow[] = [];
  for await (const rows of stores.bucket.readLines<StagedRow>(sheetKeys.chunk(actionId, chunk), rowsAtATime)) {
    for (const row of await settleRows(settlement, rows)) {
      const key = row === 'pending' ? 'pending' : row.answer;
      counts[key] = (counts[key] ?? 0) + 1;
      counts.rows = (counts.rows ?? 0) + 1;
      if (row !== 'pending') settled.push(row);
    }
  }
  // With rows still pending the chunk will be settled again; a report in between would not have each row once.
  if (!counts.pending) await stores.bucket.putLines(sheetKeys.results(actionId, chunk), settled);
  return { chunk, counts };
}

/** Undefined when the action ended before the chunk was identified: its rows are nobody's to take up. */
async function knownOf(
  bucket: SheetBucket,
  { actionId, run }: BulkAction,
  chunk: string,
): Promise<ReadonlySet<number> | undefined> {
  const identified = await bucket.findJson<IdentifiedChunk>(sheetKeys.identified(actionId, chunk, run));
  return identified && new Set(identified.settled);
}

async function settleRows(settlement: Settlement, rows: readonly StagedRow[]): Promise<Settled[]> {
  const tracked = settlement.mode === 'rejected' ? new Map<string, TrackedRow>() : await trackedOf(settlement, rows);
  return rows.map((row) => answerOf(settlement, row, tracked.get(row.uniqueIdentifier ?? '')));
}

/** The rows as tracked; in mode `final` none of this action is pending any more. */
async function trackedOf(settlement: Settlement, rows: readonly StagedRow[]): Promise<Map<string, TrackedRow>> {
  const { tracking, action, process, mode, left: error } = settlement;
  const scope = rowScopeOf(action);
  const identifiers = rows.flatMap((row) => (row.data && row.uniqueIdentifier ? [row.uniqueIdentifier] : []));
  const tracked = await readTracked(tracking, scope, identifiers);
  if (action.dryRun && action.rowScope !== 'action') await addKnown(tracking, action, identifiers, tracked);
  if (mode !== 'final') return tracked;
  const pending = [...tracked.values()].filter((row) => row.status === 'pending' && row.actionId === action.actionId);
  const untracked = untrackedOf(settlement, rows, tracked);
  if (pending.length + untracked.length === 0) return tracked;
  await endPendingRows(settlement, action, process, { scope, pending, untracked, error });
  return tracking.read(scope, identifiers, true);
}

/** Rows that are tracked when they end, and have not. */
function untrackedOf(
  { action, process, known }: Settlement,
  rows: readonly StagedRow[],
  tracked: ReadonlyMap<string, TrackedRow>,
): EndedRow[] {
  if (!known) return [];
  const open = rows.flatMap(({ rowNumber, uniqueIdentifier, data, entityId, effect }) => {
    if (uniqueIdentifier === undefined || !data || known.has(rowNumber) || tracked.has(uniqueIdentifier)) return [];
    return [{ rowNumber, uniqueIdentifier, data, entityId, ...(effect && { effect }) }];
  });
  return withEntityIds(process, action, open);
}

/** A dry run has not tracked the rows that were known before it: adds those that its reference has. */
async function addKnown(
  tracking: TrackingTable,
  action: BulkAction,
  identifiers: readonly string[],
  tracked: Map<string, TrackedRow>,
): Promise<void> {
  const open = identifiers.filter((identifier) => !tracked.has(identifier));
  for (const [identifier, row] of await tracking.read(referenceScopeOf(action), open, true)) {
    if (row.status === 'success') tracked.set(identifier, row);
  }
}

/** Success is final, so a lagging read that shows it can be trusted; all else is read again, consistently, at twice the cost. */
async function readTracked(
  tracking: TrackingTable,
  scope: RowScope,
  identifiers: readonly string[],
): Promise<Map<string, TrackedRow>> {
  const tracked = await tracking.read(scope, identifiers, false);
  const open = identifiers.filter((identifier) => tracked.get(identifier)?.status !== 'success');
  for (const [identifier, row] of await tracking.read(scope, open, true)) tracked.set(identifier, row);
  return tracked;
}

function answerOf(settlement: Settlement, row: StagedRow, tracked: TrackedRow | undefined): Settled {
  const { mode, left, earlier } = settlement;
  const { rowNumber, uniqueIdentifier } = row;
  const own = { rowNumber, ...(uniqueIdentifier !== undefined && { uniqueIdentifier }) };
  if (row.errors) return { ...own, answer: 'invalid', errors: row.errors };
  if (row.duplicateOf !== undefined)
    return { ...own, answer: 'duplicate', errors: [duplicateOf(row.duplicateOf, row.duplicateIn)] };
  if (row.effect === 'known' && row.entityId !== undefined) return { ...own, answer: 'known', entityId: row.entityId };
  if (mode === 'rejected') return { ...own, answer: 'unprocessed', errors: [rejected] };
  if (tracked !== undefined) return trackedAnswer(settlement, own, tracked, row.effect);
  return earlier.get(rowNumber) ?? (mode === 'final' ? failedAnswer(own, left) : 'pending');
}

function trackedAnswer(
  { action: { actionId, cancelRequestedAt, dryRun }, left }: Settlement,
  own: OwnRow,
  tracked: TrackedRow,
  planned: EntityEffect = 'created',
): Settled {
  const isOwn = tracked.actionId === actionId;
  if (tracked.status === 'success') {
    const answer: RowAnswer = isOwn ? (tracked.effect ?? planned) : 'known';
    // What a dry run would create is not there, so its id would mislead.
    return { ...own, answer, ...(!(dryRun && answer === 'created') && { entityId: tracked.entityId }) };
  }
  if (tracked.status === 'pending' && isOwn) return 'pending';
  // A cancelled action did not get to rows that others left; what they say was not said of this sheet.
  if (!isOwn && cancelRequestedAt !== undefined) return failedAnswer(own, left);
  // Pending in another action: one that was stopped, since only one of a reference and process runs at a time.
  return failedAnswer(own, tracked.error ?? rowLeft.unprocessed);
}

function failedAnswer(own: OwnRow, error: RowError): SettledRow {
  const isLeft = error.code === 'unprocessed' || error.code === 'cancelled';
  return { ...own, answer: isLeft ? error.code : 'failed', errors: [error] };
}
