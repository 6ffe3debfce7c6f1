import type { WriteBounds } from '../model/write-bounds.ts';
import type { EntityHome, UniqueValue } from './entity-keys.ts';
import { type EntityState, isThere } from './entity-state.ts';
import { type EntityStore, type Guard, type StateChange, uniqueKey } from './entity-store.ts';

/**
 * Why nothing came of a change.
 * `overtaken`: the entity is not as it was read; look again, as this very change may have made it so.
 * `taken`: another entity has a value that this one was to get.
 * `contested`: another entity is about to get it, or to lose it; try again in a moment.
 */
export type ChangeFailure =
  | { readonly kind: 'overtaken' }
  | (UniqueValue & { readonly kind: 'taken' | 'contested'; readonly entityId: string });

/** A change and the values that its entity is to get by it. */
export interface Claimant {
  readonly change: StateChange;
  /** In the order in which they are guarded. */
  readonly gains: readonly UniqueValue[];
  /** Whether any value is guarded for this change. */
  claimed: boolean;
  /** Absent while all goes well. */
  failure?: ChangeFailure;
}

export interface ClaimContext extends WriteBounds {
  readonly home: EntityHome;
  /** How long a guard without its entity is taken for that of a change under way: longer than changes take. */
  readonly patienceMs?: number;
}

/** A function that runs longer is stuck; and if it is not, it finds its change overtaken and begins anew. */
export const defaultPatienceMs = 60_000;

interface Claim {
  readonly claimant: Claimant;
  readonly value: UniqueValue;
}

/** Guards the values that entities are to get, one of each after the other. Notes with each claimant why it can't be. */
export async function claimValues(
  store: EntityStore,
  claimants: readonly Claimant[],
  context: ClaimContext,
): Promise<void> {
  const fields = Math.max(0, ...claimants.map(({ gains }) => gains.length));
  for (let index = 0; index < fields; index++) {
    const claims = claimants.flatMap((claimant) => {
      const value = claimant.gains[index];
      return claimant.failure || !value ? [] : [{ claimant, value }];
    });
    const met = await put(store, claims, context);
    if (met.length === 0) continue;
    const cleared = await meet(store, met, context);
    for (const claim of await put(store, cleared, context)) contest(claim);
  }
}

/** Puts the guards; the answer is the claims that met one. */
async function put(store: EntityStore, claims: readonly Claim[], context: ClaimContext): Promise<Claim[]> {
  const since = new Date().toISOString();
  const outcomes = await store.putGuards(
    context.home,
    claims.map(({ claimant: { change }, value }) => ({
      ...value,
      entityId: change.entityId,
      version: change.to.version,
      since,
    })),
    context,
  );
  claims.forEach(({ claimant }, index) => {
    if (outcomes[index]) claimant.claimed = true;
  });
  return claims.filter((_, index) => !outcomes[index]);
}

/** Looks whose guards were met and removes those that are nobody's; the answer is the claims to which that gave way. */
async function meet(store: EntityStore, claims: readonly Claim[], context: ClaimContext): Promise<Claim[]> {
  const met = Map.groupBy(await look(store, claims, context), ({ verdict }) => verdict);
  for (const { claim, guard } of met.get('taken') ?? []) fail(claim, 'taken', guard.entityId);
  for (const { claim, guard } of met.get('contested') ?? []) contest(claim, guard.entityId);
  for (const { claim } of met.get('overtaken') ?? []) claim.claimant.failure = { kind: 'overtaken' };
  for (const { claim } of met.get('own') ?? []) claim.claimant.claimed = true;
  await renew(store, met.get('older') ?? [], context);
  const dead = [...(met.get('dead') ?? []), ...(await end(store, met.get('stuck') ?? [], context))];
  await store.removeGuards(
    context.home,
    dead.map(({ claim, guard }) => ({ ...claim.value, ...guard })),
    context,
  );
  return [...dead, ...(met.get('gone') ?? [])].map(({ claim }) => claim);
}

/**
 * What a guard that was met means. `own`: it is for this change. `older`: the entity's own, of an attempt that came to
 * nothing or of a value that it has lost. `dead`: its entity has come to its version without the value. `stuck`: its
 * entity should long have. `gone`: it is not there any more.
 */
type Verdict = 'own' | 'older' | 'overtaken' | 'taken' | 'dead' | 'stuck' | 'contested' | 'gone';

interface Met {
  readonly claim: Claim;
  readonly guard: Guard;
  readonly holder: EntityState | undefined;
  readonly verdict: Verdict;
}

const noGuard: Guard = { entityId: '', version: 0, since: '' };

/** The guards first, then their entities: one that is behind its guard by then may be on the way. */
async function look(store: EntityStore, claims: readonly Claim[], context: ClaimContext): Promise<Met[]> {
  const values = claims.map(({ value }) => value);
  const guards = await store.guards(context.home, values);
  const entityIds = [...guards.values()].map(({ entityId }) => entityId);
  const holders = await store.read(context.home, entityIds);
  return claims.map((claim) => {
    const guard = guards.get(uniqueKey(claim.value));
    if (guard === undefined) return { claim, guard: noGuard, holder: undefined, verdict: 'gone' };
    const holder = holders.get(guard.entityId);
    return { claim, guard, holder, verdict: judge(claim, guard, holder, context) };
  });
}

function judge(
  { claimant: { change }, value: { field, value } }: Claim,
  guard: Guard,
  holder: EntityState | undefined,
  { patienceMs = defaultPatienceMs }: ClaimContext,
): Verdict {
  if (guard.entityId === change.entityId) {
    if (guard.version === change.to.version) return 'own';
    return guard.version < change.to.version ? 'older' : 'overtaken';
  }
  if (isThere(holder) && holder.unique[field] === value) return 'taken';
  if ((holder?.version ?? 0) >= guard.version) return 'dead';
  return Date.now() - Date.parse(guard.since) > patienceMs ? 'stuck' : 'contested';
}

/** Makes the entity's own older guards those of this change, so that nobody who judged them before removes them now. */
async function renew(store: EntityStore, older: readonly Met[], context: ClaimContext): Promise<void> {
  const renewed = await store.renewGuards(
    context.home,
    older.map(({ claim, guard }) => ({ ...claim.value, ...guard, to: claim.claimant.change.to.version })),
    context,
  );
  older.forEach(({ claim, guard }, index) => {
    if (renewed[index]) claim.claimant.claimed = true;
    else contest(claim, guard.entityId);
  });
}

/** Moves the entities on, so that nothing comes of the guards any more; the answer is those with which that went well. */
async function end(store: EntityStore, stuck: readonly Met[], context: ClaimContext): Promise<Met[]> {
  const ended = await store.moveOn(
    context.home,
    stuck.map(({ claim, guard, holder }) => ({
      entityId: guard.entityId,
      from: holder,
      changedBy: claim.claimant.change.to.changedBy,
    })),
    context,
  );
  stuck.forEach(({ claim, guard }, index) => {
    if (!ended[index]) contest(claim, guard.entityId);
  });
  return stuck.filter((_, index) => ended[index]);
}

function contest(claim: Claim, entityId = claim.claimant.change.entityId): void {
  fail(claim, 'contested', entityId);
}

function fail({ claimant, value }: Claim, kind: 'taken' | 'contested', entityId: string): void {
  claimant.failure = { kind, entityId, ...value };
}
