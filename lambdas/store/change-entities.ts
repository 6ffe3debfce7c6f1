import { type ChangeFailure, type Claimant, type ClaimContext, claimValues } from './claim-values.ts';
import type { UniqueValue } from './entity-keys.ts';
import { valuesOnlyIn } from './entity-state.ts';
import { type EntityStore, type StateChange, uniqueKey } from './entity-store.ts';

/** `made`, or why not; then nothing of the change is left. */
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
  changes: readonly StateChange[],
  context: ClaimContext,
): Promise<ChangeOutcome[]> {
  const claimants = changes.map(
    (change): Claimant => ({ change, gains: inOrder(valuesOnlyIn(change.to, change.from)), claimed: false }),
  );
  try {
    await claimValues(store, claimants, context);
    await make(store, claimants, context);
  } catch (error) {
    // Told to stop, it leaves nothing half done. Killed, it can't: whoever comes again, or comes across it, can tell.
    const { stop, ...left } = context;
    if (stop?.aborted) {
      await noteClaims(store, claimants, left);
      await tidy(store, claimants, left);
    }
    throw error;
  }
  await tidy(
    store,
    claimants.filter(({ failure }) => failure !== undefined),
    context,
  );
  return claimants.map(({ failure }) => failure ?? { kind: 'made' });
}

/** Changes the entities whose values are guarded, and removes the guards of those that they have no more. */
async function make(store: EntityStore, claimants: readonly Claimant[], context: ClaimContext): Promise<void> {
  const ready = claimants.filter(({ failure }) => failure === undefined);
  const outcomes = await store.change(
    context.home,
    ready.map(({ change }) => change),
    context,
  );
  ready.forEach((claimant, index) => {
    if (!outcomes[index]) claimant.failure = { kind: 'overtaken' };
  });
  const lost = ready.filter((_, index) => outcomes[index]).flatMap(({ change }) => guardsOf(change, lossesOf(change)));
  await store.removeGuards(context.home, lost, context);
}

/** What was put before somebody could say so. */
async function noteClaims(store: EntityStore, claimants: readonly Claimant[], { home }: ClaimContext): Promise<void> {
  const guards = await store.guards(
    home,
    claimants.flatMap(({ gains }) => gains),
  );
  for (const claimant of claimants) {
    const { entityId, to } = claimant.change;
    claimant.claimed = claimant.gains.some((value) => {
      const guard = guards.get(uniqueKey(value));
      return guard?.entityId === entityId && guard.version === to.version;
    });
  }
}

/**
 * Removes what stands for values that the entities do not have. Where a change came to nothing, another attempt at it may
 * rely on the same guards, so it has to fail first: the entity moves on to the version that they are for.
 */
async function tidy(store: EntityStore, claimants: readonly Claimant[], context: ClaimContext): Promise<void> {
  const { home } = context;
  const affected = claimants.filter(({ change, gains }) => gains.length + lossesOf(change).length > 0);
  const entityIds = affected.map(({ change }) => change.entityId);
  const before = await store.read(home, entityIds);
  const behind = affected.filter(
    ({ claimed, change: { entityId, to } }) => claimed && (before.get(entityId)?.version ?? 0) < to.version,
  );
  await store.moveOn(
    home,
    behind.map(({ change: { entityId, to } }) => ({ entityId, from: before.get(entityId), changedBy: to.changedBy })),
    context,
  );
  const after = behind.length > 0 ? await store.read(home, entityIds) : before;
  const left = affected.flatMap(({ change, gains }) => {
    const state = after.get(change.entityId);
    if (state === undefined || state.version < change.to.version) return [];
    const values = [...gains, ...lossesOf(change)];
    return guardsOf(
      change,
      values.filter(({ field, value }) => state.unique[field] !== value),
    );
  });
  await store.removeGuards(home, left, context);
}

/** In one order of fields for all, so that changes that want each other's values wait in a line, never in a circle. */
function inOrder(values: UniqueValue[]): UniqueValue[] {
  return values.toSorted((one, other) => (one.field < other.field ? -1 : 1));
}

function lossesOf({ from, to }: StateChange): UniqueValue[] {
  return valuesOnlyIn(from, to);
}

function guardsOf({ entityId, to }: StateChange, values: readonly UniqueValue[]) {
  return values.map((value) => ({ ...value, entityId, version: to.version }));
}
