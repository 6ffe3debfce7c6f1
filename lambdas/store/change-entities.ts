import {
  type ChangeFailure,
  type Claimant,
  type ClaimLimits,
  claimValues,
  defaultClaimLimits,
} from './claim-values.ts';
import type { EntityHome } from './entity-keys.ts';
import { valuesOnlyIn } from './entity-state.ts';
import type { EntityStore, StateChange } from './entity-store.ts';

export type ChangeOutcome = { readonly kind: 'made' } | ChangeFailure;

/**
 * Changes entities, each at most once a call, so that no two ever have one value of a unique field. First the values that
 * are new to an entity are guarded, then the entity is changed, then the guards of the values that it lost are removed:
 * two writes for a new entity with one unique field, one for a change of other fields.
 *
 * A guard names the version with which its entity gets the value, and the entity is changed only if it is one version
 * before that. So whoever finds a guard can tell: an entity that has the value is the value's owner; one that has come to
 * the guard's version without it never will be, and the guard may go; one that has not come so far may still be on the
 * way, and moving it on to that version, with nothing else changed, ends all doubt. Nobody is killed too early or too
 * late for this to hold.
 */
export async function changeEntities(
  store: EntityStore,
  home: EntityHome,
  changes: readonly StateChange[],
  limits: ClaimLimits = defaultClaimLimits,
): Promise<ChangeOutcome[]> {
  const claimants = changes.map(
    (change): Claimant => ({ change, gains: valuesOnlyIn(change.to, change.from), claimed: false }),
  );
  await claimValues(store, home, claimants, limits);
  const ready = claimants.filter(({ failure }) => failure === undefined);
  const made = await store.change(
    home,
    ready.map(({ change }) => change),
  );
  ready.forEach((claimant, index) => {
    if (!made[index]) claimant.failure = { kind: 'overtaken' };
  });
  await dropLost(store, home, claimants);
  await giveBack(
    store,
    home,
    claimants.filter(({ failure, gains }) => failure !== undefined && gains.length > 0),
  );
  return claimants.map(({ failure }) => failure ?? { kind: 'made' });
}

/** Removes the guards of the values that changed entities have no more. */
async function dropLost(store: EntityStore, home: EntityHome, claimants: readonly Claimant[]): Promise<void> {
  const made = claimants.filter(({ failure }) => failure === undefined);
  const lost = made.flatMap(({ change: { entityId, from, to } }) =>
    valuesOnlyIn(from, to).map((value) => ({ ...value, entityId, version: to.version })),
  );
  await store.removeGuards(home, lost);
}

/**
 * Removes what was guarded for changes that came to nothing. Another attempt at the same change may rely on the same
 * guards, so it has to fail first: the entity moves on to the version that the guards are for.
 */
async function giveBack(store: EntityStore, home: EntityHome, claimants: readonly Claimant[]): Promise<void> {
  if (claimants.length === 0) return;
  const entityIds = claimants.map(({ change }) => change.entityId);
  const before = await store.read(home, entityIds);
  const behind = claimants.filter(
    ({ claimed, change: { entityId, to } }) => claimed && (before.get(entityId)?.version ?? 0) < to.version,
  );
  await store.moveOn(
    home,
    behind.map(({ change: { entityId, to } }) => ({ entityId, from: before.get(entityId), changedBy: to.changedBy })),
  );
  const after = behind.length > 0 ? await store.read(home, entityIds) : before;
  const left = claimants.flatMap(({ change: { entityId, to }, gains }) => {
    const state = after.get(entityId);
    if (state === undefined || state.version < to.version) return [];
    const lacking = gains.filter(({ field, value }) => state.unique[field] !== value);
    return lacking.map((value) => ({ ...value, entityId, version: to.version }));
  });
  await store.removeGuards(home, left);
}
