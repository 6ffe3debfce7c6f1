import type { EntityOutcome } from '../entities/entity-target.ts';
import type { BulkAction } from '../model/action.ts';
import type { BatchRow, IdentifiedRow } from '../model/batch-message.ts';
import type { EntityEffect } from '../model/entity.ts';
import type { RowError } from '../model/row.ts';
import { isTrackedAhead, rowScopeOf } from '../model/row-scope.ts';
import type { TrackingTable } from '../store/tracking-table.ts';

interface DoneRow extends IdentifiedRow {
  readonly effect: EntityEffect;
  /** Whether effect and id are other than planned, so that they have to be noted. */
  readonly otherEffect: boolean;
  readonly otherId: boolean;
}

interface RefusedRow extends IdentifiedRow {
  readonly error: RowError;
}

/** What became of a batch's rows. */
export interface Verdict {
  readonly done: DoneRow[];
  readonly refused: RefusedRow[];
  readonly transient: (EntityOutcome & { kind: 'transient' })[];
}

/** On the last delivery what is still refused for now is refused for good, with its reason. */
export function sortOutcomes(
  rows: readonly IdentifiedRow[],
  outcomes: EntityOutcome[],
  lastDelivery: boolean,
): Verdict {
  const verdict: Verdict = { done: [], refused: [], transient: [] };
  rows.forEach(({ effect = 'created', ...row }, index) => {
    const outcome = outcomes[index] as EntityOutcome;
    if (outcome.kind === 'done')
      verdict.done.push({
        ...row,
        entityId: outcome.entityId,
        effect: outcome.effect,
        otherEffect: outcome.effect !== effect,
        otherId: outcome.entityId !== row.entityId,
      });
    else if (outcome.kind === 'refused' || lastDelivery) verdict.refused.push({ ...row, error: outcome.error });
    else verdict.transient.push(outcome);
  });
  return verdict;
}

/** Those rows whose turn is over. */
type Ended = Pick<Verdict, 'done' | 'refused'>;

/**
 * Tracks the rows with their status. What is tracked already, be it pending or by an earlier delivery, gets its status
 * where it is pending, and before it what it did that was not planned for it.
 */
export async function settleRows(
  tracking: TrackingTable,
  action: BulkAction,
  verdict: Verdict,
  keepsEntityId: boolean,
): Promise<void> {
  const { actionId } = action;
  const scope = rowScopeOf(action);
  const { done, refused } = await withoutNew(tracking, action, verdict);
  const others = keepsEntityId ? done.filter(({ otherId }) => otherId) : done;
  await tracking.setEntityIds(scope, actionId, others);
  await tracking.noteEffects(
    scope,
    actionId,
    done.filter(({ otherEffect }) => otherEffect),
  );
  await tracking.markSuccess(
    scope,
    actionId,
    done.map((row) => row.uniqueIdentifier),
  );
  await tracking.markFailed(scope, actionId, refused);
}

/** Fails rows for good, where they have not ended before; answers with how many have failed now. */
export async function failRows(tracking: TrackingTable, action: BulkAction, refused: RefusedRow[]): Promise<number> {
  const { refused: left } = await withoutNew(tracking, action, { done: [], refused });
  const failed = await tracking.markFailed(rowScopeOf(action), action.actionId, left);
  return refused.length - left.length + failed.filter(Boolean).length;
}

/** Tracks the rows that were not; the others are left. */
async function withoutNew(tracking: TrackingTable, action: BulkAction, { done, refused }: Ended): Promise<Ended> {
  if (isTrackedAhead(action)) return { done, refused };
  const ended = [
    ...done.map(({ effect, otherEffect, ...row }) => ({ ...row, ...(otherEffect && { effect }) })),
    ...refused,
  ];
  const isNew = await tracking.insertEnded(rowScopeOf(action), action.actionId, ended);
  return {
    done: done.filter((_, index) => !isNew[index]),
    refused: refused.filter((_, index) => !isNew[done.length + index]),
  };
}

/** The longest pause that any row was asked to keep. */
export function delayOf(transient: Verdict['transient']): { delaySeconds?: number } {
  const asked = transient.map((outcome) => outcome.retryAfterSeconds ?? 0);
  const delaySeconds = Math.max(...asked);
  return delaySeconds > 0 ? { delaySeconds } : {};
}

/** What all the batch's rows did but those that failed: what an earlier delivery settled did as planned. */
export function answeredOf(rows: readonly BatchRow[], { done, refused }: Verdict) {
  const effects = new Map(rows.map(({ uniqueIdentifier, effect }) => [uniqueIdentifier, effect]));
  for (const { uniqueIdentifier, effect } of done) effects.set(uniqueIdentifier, effect);
  for (const { uniqueIdentifier } of refused) effects.delete(uniqueIdentifier);
  const sum = (wanted: EntityEffect) =>
    effects.values().reduce((count, effect) => count + Number(effect === wanted), 0);
  const [updated, deleted] = [sum('updated'), sum('deleted')];
  return {
    created: effects.size - updated - deleted,
    ...(updated > 0 && { updated }),
    ...(deleted > 0 && { deleted }),
  };
}
