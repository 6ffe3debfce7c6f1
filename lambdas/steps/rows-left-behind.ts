import type { BulkAction } from '../model/action.ts';
import { rowLeft } from '../model/row.ts';
import { referenceScopeOf, rowScopeOf } from '../model/row-scope.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import type { TrackedRowWithData, TrackingTable } from '../store/tracking-table.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly references: ReferenceStore;
  readonly tracking: TrackingTable;
}

/**
 * Unsettled rows of the reference and process that are not in this action's sheet: those were taken over by now, or, by a
 * dry run, tracked beside them. An action whose rows are its own has none.
 */
export async function* rowsLeftBehind(
  { actions, references, tracking }: Stores,
  action: BulkAction,
): AsyncGenerator<TrackedRowWithData[]> {
  if (action.rowScope === 'action') return;
  const process = await references.process(action);
  // No action has ended here yet, or the last left nothing behind: the whole reference need not be read for nothing.
  if (process?.lastActionId === undefined || process.clean === true) return;
  for await (const rows of tracking.unsettled(referenceScopeOf(action))) {
    const others = await withoutCancelled(
      actions,
      action,
      rows.filter((row) => row.actionId !== action.actionId),
    );
    yield action.dryRun ? await untracked(tracking, action, others) : others;
  }
}

/** Rows that somebody cancelled are nobody's to take up again, unless a sheet brings them, or a retry of their action. */
async function withoutCancelled(
  actions: ActionStore,
  { accountId }: BulkAction,
  rows: readonly TrackedRowWithData[],
): Promise<TrackedRowWithData[]> {
  const pending = rows.filter(({ status }) => status === 'pending');
  const cancelled = new Set<string>();
  for (const actionId of new Set(pending.map((row) => row.actionId))) {
    if ((await actions.find(accountId, actionId))?.status === 'cancelled') cancelled.add(actionId);
  }
  return rows.filter(({ status, actionId, error }) =>
    status === 'pending' ? !cancelled.has(actionId) : error?.code !== rowLeft.cancelled.code,
  );
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
