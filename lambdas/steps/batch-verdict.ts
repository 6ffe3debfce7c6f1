import type { EntityOutcome } from '../entities/entity-target.ts';
import type { BatchRow } from '../model/batch-message.ts';
import type { EntityEffect } from '../model/entity.ts';
import type { RowError } from '../model/row.ts';
import type { RowScope } from '../model/row-scope.ts';
import type { TrackingTable } from '../store/tracking-table.ts';

interface DoneRow {
  readonly uniqueIdentifier: string;
  readonly entityId: string;
  readonly effect: EntityEffect;
  /** Whether effect and id are other than planned, so that they have to be noted. */
  readonly otherEffect: boolean;
  readonly otherId: boolean;
}

/** What became of a batch's rows. */
export interface Verdict {
  readonly done: DoneRow[];
  readonly refused: { uniqueIdentifier: string; error: RowError }[];
  readonly transient: (EntityOutcome & { kind: 'transient' })[];
}

/** On the last delivery what is still refused for now is refused for good, with its reason. */
export function sortOutcomes(rows: BatchRow[], outcomes: EntityOutcome[], lastDelivery: boolean): Verdict {
  const verdict: Verdict = { done: [], refused: [], transient: [] };
  rows.forEach(({ uniqueIdentifier, entityId, effect = 'created' }, index) => {
    const outcome = outcomes[index] as EntityOutcome;
    if (outcome.kind === 'done')
      verdict.done.push({
        uniqueIdentifier,
        entityId: outcome.entityId,
        effect: outcome.effect,
        otherEffect: outcome.effect !== effect,
        otherId: entityId !== undefined && outcome.entityId !== entityId,
      });
    else if (outcome.kind === 'refused' || lastDelivery)
      verdict.refused.push({ uniqueIdentifier, error: outcome.error });
    else verdict.transient.push(outcome);
  });
  return verdict;
}

/** Sets the rows' status, and before it what they did that was not planned for them. */
export async function settleRows(
  tracking: TrackingTable,
  scope: RowScope,
  actionId: string,
  verdict: Verdict,
  keepsEntityId: boolean,
): Promise<void> {
  const others = keepsEntityId ? verdict.done.filter(({ otherId }) => otherId) : verdict.done;
  await tracking.setEntityIds(scope, actionId, others);
  await tracking.noteEffects(
    scope,
    actionId,
    verdict.done.filter(({ otherEffect }) => otherEffect),
  );
  await tracking.markSuccess(
    scope,
    actionId,
    verdict.done.map((row) => row.uniqueIdentifier),
  );
  await tracking.markFailed(scope, actionId, verdict.refused);
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
