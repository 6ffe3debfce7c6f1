import type { BulkAction } from '../model/action.ts';
import type { EntityEffect } from '../model/entity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { type RowError, rowLeft } from '../model/row.ts';
import type { RowScope } from '../model/row-scope.ts';
import { isRevivedChunk } from '../model/staged-row.ts';
import type { EndedRow, TrackedRow, TrackingTable } from '../store/tracking-table.ts';
import type { WrittenEntities } from '../store/written-entities.ts';

export interface EndStores {
  readonly tracking: TrackingTable;
  readonly written: WrittenEntities;
}

/**
 * Why a row of the chunk that has had no turn gets none. Rows of earlier sheets that a cancelled action had taken up were
 * not its own: they are as unsettled as before, for the next action to take up.
 */
export function leftError({ cancelRequestedAt }: Pick<BulkAction, 'cancelRequestedAt'>, chunk: string): RowError {
  return cancelRequestedAt === undefined || isRevivedChunk(chunk) ? rowLeft.unprocessed : rowLeft.cancelled;
}

/** The rows of a chunk that have not ended, and why those of them fail that have written nothing. */
export interface RowsLeft {
  readonly scope: RowScope;
  readonly pending: readonly TrackedRow[];
  /** Rows of batches that did not get as far as to track them, with what they were to do. */
  readonly untracked: readonly EndedRow[];
  readonly error: RowError;
}

/**
 * Ends the rows that have not ended in an action that runs no longer. Those whose entity was written by a batch that
 * did not live to say so have succeeded; the others fail with `error`. Both under the condition that the row is pending,
 * or not there, so that of a late batch and this one wins.
 */
export async function endPendingRows(
  { tracking, written }: EndStores,
  action: BulkAction,
  { entity, name }: Pick<ProcessDefinition, 'entity' | 'name'>,
  { scope, pending, untracked, error }: RowsLeft,
): Promise<void> {
  const writer = { ...action, entity, processName: name };
  const entityIds = action.dryRun ? [] : [...pending, ...untracked].map(({ entityId }) => entityId);
  const effects = await written.of(writer, entityIds);
  await tracking.insertEnded(
    scope,
    action.actionId,
    untracked.map((row) => ended(row, effects.get(row.entityId), error)),
  );
  const done = pending.filter(({ entityId }) => effects.has(entityId));
  const left = pending.filter(({ entityId }) => !effects.has(entityId));
  await tracking.noteEffects(
    scope,
    action.actionId,
    done.map(({ uniqueIdentifier, entityId }) => ({ uniqueIdentifier, effect: effects.get(entityId) as EntityEffect })),
  );
  await tracking.markSuccess(
    scope,
    action.actionId,
    done.map(({ uniqueIdentifier }) => uniqueIdentifier),
  );
  await tracking.markFailed(
    scope,
    action.actionId,
    left.map(({ uniqueIdentifier }) => ({ uniqueIdentifier, error })),
  );
}

/** The row as it ends with what it has written, if anything. */
function ended(
  { effect: planned = 'created', ...row }: EndedRow,
  effect: EntityEffect | undefined,
  error: RowError,
): EndedRow {
  if (effect === undefined) return { ...row, error };
  return { ...row, ...(effect !== planned && { effect }) };
}
