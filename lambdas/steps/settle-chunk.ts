import type { BulkAction, Counts } from '../model/action.ts';
import type { RowAnswer, RowError } from '../model/row.ts';
import type { SettledRow, StagedRow } from '../model/staged-row.ts';
import type { SettleInput, SettleMode, SettleResult } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { RowScope, TrackedRow, TrackingTable } from '../store/tracking-table.ts';
import { scopeOf } from './identify-chunk.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly tracking: TrackingTable;
  readonly bucket: SheetBucket;
}

const rowsAtATime = 1_000;

const unprocessed: RowError = {
  code: 'unprocessed',
  message: 'The action ended before this row had its turn. Upload the row again, or retry the action.',
};
const rejected: RowError = {
  code: 'sheet_rejected',
  message:
    'Nothing of this sheet was created, because other rows of it, or its columns, are not valid. Correct them and upload the sheet again, or choose to skip invalid rows.',
};

type Settled = SettledRow | 'pending';

/**
 * Recounts a chunk from the tracking table, which is the truth, and writes each row's answer. In mode `final` a row
 * that is still pending fails as `unprocessed`, under the same condition as its success: one of the two wins.
 */
export async function settleChunk(
  stores: Stores,
  { accountId, actionId, chunk, mode }: SettleInput,
): Promise<SettleResult> {
  const action = await stores.actions.get(accountId, actionId);
  const counts: Partial<Counts> = {};
  const settled: SettledRow[] = [];
  for await (const rows of stores.bucket.readLines<StagedRow>(sheetKeys.chunk(actionId, chunk), rowsAtATime)) {
    for (const row of await settleRows(stores.tracking, action, rows, mode)) {
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

async function settleRows(
  tracking: TrackingTable,
  action: BulkAction,
  rows: readonly StagedRow[],
  mode: SettleMode,
): Promise<Settled[]> {
  const tracked = mode === 'rejected' ? new Map<string, TrackedRow>() : await trackedOf(tracking, action, rows, mode);
  return rows.map((row) =>
    answerOf(row, row.uniqueIdentifier ? tracked.get(row.uniqueIdentifier) : undefined, action, mode),
  );
}

/** The rows as tracked; in mode `final` none of this action is pending any more. */
async function trackedOf(
  tracking: TrackingTable,
  action: BulkAction,
  rows: readonly StagedRow[],
  mode: SettleMode,
): Promise<Map<string, TrackedRow>> {
  const scope = scopeOf(action);
  const identifiers = rows.flatMap((row) => (row.data && row.uniqueIdentifier ? [row.uniqueIdentifier] : []));
  const tracked = await readTracked(tracking, scope, identifiers);
  if (mode !== 'final') return tracked;
  const left = [...tracked.values()].filter((row) => row.status === 'pending' && row.actionId === action.actionId);
  if (left.length === 0) return tracked;
  await tracking.markFailed(
    scope,
    action.actionId,
    left.map(({ uniqueIdentifier }) => ({ uniqueIdentifier, error: unprocessed })),
  );
  return tracking.read(scope, identifiers, true);
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

function answerOf(row: StagedRow, tracked: TrackedRow | undefined, action: BulkAction, mode: SettleMode): Settled {
  const { rowNumber, uniqueIdentifier } = row;
  const own = { rowNumber, ...(uniqueIdentifier !== undefined && { uniqueIdentifier }) };
  if (row.errors) return { ...own, answer: 'invalid', errors: row.errors };
  if (row.duplicateOf !== undefined) return { ...own, answer: 'duplicate', errors: [duplicateOf(row.duplicateOf)] };
  if (mode === 'rejected') return { ...own, answer: 'unprocessed', errors: [rejected] };
  if (tracked === undefined)
    return mode === 'final' ? { ...own, answer: 'unprocessed', errors: [unprocessed] } : 'pending';
  return trackedAnswer(own, tracked, action.actionId);
}

function trackedAnswer(
  own: Pick<SettledRow, 'rowNumber' | 'uniqueIdentifier'>,
  tracked: TrackedRow,
  actionId: string,
): Settled {
  if (tracked.status === 'success') {
    const answer: RowAnswer = tracked.actionId === actionId && !tracked.known ? 'created' : 'known';
    return { ...own, answer, entityId: tracked.entityId };
  }
  // Pending in another action: one that was stopped, since only one of a reference and process runs at a time.
  if (tracked.status === 'pending' && tracked.actionId === actionId) return 'pending';
  const error = tracked.error ?? unprocessed;
  return { ...own, answer: error.code === unprocessed.code ? 'unprocessed' : 'failed', errors: [error] };
}

function duplicateOf(first: number): RowError {
  return {
    code: 'duplicate_in_sheet',
    message: `Row ${first} has the same identifier and was used. Remove one of the two, or give this one an identifier of its own.`,
  };
}
