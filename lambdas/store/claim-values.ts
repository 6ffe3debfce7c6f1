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
  readonly gains: readonly UniqueValue[];
  /** Whether any value is guarded for this change. */
  claimed: boolean;
  /** Absent while all goes well. */
  failure?: ChangeFailure;
}

export interface ClaimLimits {
  /** How long a guard without its entity is taken for that of a change under way. Longer than changes take. */
  readonly patienceMs: number;
}

/** A function that runs longer is stuck; and if it is not, it finds its change overtaken and begins anew. */
export const defaultClaimLimits: ClaimLimits = { patienceMs: 60_000 };

interface Claim {
  readonly claimant: Claimant;
  readonly value: UniqueValue;
}

/**
 * Guards the values that entities are to get, field by field in one order for all: so changes that want each other's
 * values wait in a line, never in a circle. Notes with each claimant whose values can't be had why.
 */
export async function claimValues(
  store: EntityStore,
  home: EntityHome,
  claimants: readonly Claimant[],
  limits: ClaimLimits,
): Promise<void> {
  const fields = Math.max(0, ...claimants.map(({ gains }) => gains.length));
  for (let index = 0; index < fields; index++) {
    const claims = claimants.flatMap((claimant) => {
      const value = claimant.gains[index];
      return claimant.failure || !value ? [] : [{ claimant, value }];
    });
    const met = await put(store, home, claims);
    if (met.length === 0) continue;
    const cleared = await meet(store, home, met, limits);
    for (const claim of await put(store, home, cleared)) contest(claim);
  }
}

/** Puts the guards; the answer is the claims that met one. */
async function put(store: EntityStore, home: EntityHome, claims: readonly Claim[]): Promise<Claim[]> {
  const since = new Date().toISOString();
  const outcomes = await store.putGuards(
    home,
    claims.map(({ claimant: { change }, value }) => ({
      ...value,
      entityId: change.entityId,
      version: change.to.version,
      since,
    })),
  );
  claims.forEach(({ claimant }, index) => {
    if (outcomes[index]) claimant.claimed = true;
  });
  return claims.filter((_, index) => !outcomes[index]);
}

/** Looks whose guards were met and removes those that are nobody's; the answer is the claims to which that gave way. */
async function meet(
  store: EntityStore,
  home: EntityHome,
  claims: readonly Claim[],
  limits: ClaimLimits,
): Promise<Claim[]> {
  const guards = await store.guards(
    home,
    claims.map(({ value }) => value),
  );
  const holders = await store.read(
    home,
    [...guards.values()].map(({ entityId }) => entityId),
  );
  const byVerdict = Map.groupBy(claims, (claim) => {
    const guard = guards.get(uniqueKey(claim.value));
    return judge(claim, guard, guard && holders.get(guard.entityId), limits);
  });
  const guardOf = ({ value }: Claim) => ({ ...value, ...(guards.get(uniqueKey(value)) as Guard) });
  for (const claim of byVerdict.get('taken') ?? []) fail(claim, 'taken', guardOf(claim).entityId);
  for (const claim of byVerdict.get('contested') ?? []) contest(claim, guardOf(claim).entityId);
  for (const { claimant } of byVerdict.get('own') ?? []) claimant.claimed = true;
  for (const { claimant } of byVerdict.get('overtaken') ?? []) claimant.failure = { kind: 'overtaken' };
  await renew(
    store,
    home,
    (byVerdict.get('older') ?? []).map((claim) => ({ claim, guard: guardOf(claim) })),
  );

  const stuck = byVerdict.get('stuck') ?? [];
  const ended = await store.moveOn(
    home,
    stuck.map((claim) => {
      const { entityId } = guardOf(claim);
      return { entityId, from: holders.get(entityId), changedBy: claim.claimant.change.to.changedBy };
    }),
  );
  const dead = [...(byVerdict.get('dead') ?? []), ...stuck.filter((_, index) => ended[index])];
  for (const claim of stuck.filter((_, index) => !ended[index])) contest(claim, guardOf(claim).entityId);
  await store.removeGuards(home, dead.map(guardOf));
  return [...dead, ...(byVerdict.get('gone') ?? [])];
}

/**
 * What a guard that was met means. `own`: it is for this change. `older`: the entity's own, of an attempt that came to
 * nothing or of a value that it has lost. `dead`: its entity has come to its version without the value. `stuck`: its
 * entity should long have.
 */
type Verdict = 'own' | 'older' | 'overtaken' | 'taken' | 'dead' | 'stuck' | 'contested' | 'gone';

function judge(
  { claimant: { change }, value: { field, value } }: Claim,
  guard: Guard | undefined,
  holder: EntityState | undefined,
  { patienceMs }: ClaimLimits,
): Verdict {
  if (guard === undefined) return 'gone';
  if (guard.entityId === change.entityId) {
    if (guard.version === change.to.version) return 'own';
    return guard.version < change.to.version ? 'older' : 'overtaken';
  }
  if (isThere(holder) && holder.unique[field] === value) return 'taken';
  if ((holder?.version ?? 0) >= guard.version) return 'dead';
  return Date.now() - Date.parse(guard.since) > patienceMs ? 'stuck' : 'contested';
}

/** Makes the entity's own older guards those of this change, so that nobody who judged them before removes them now. */
async function renew(
  store: EntityStore,
  home: EntityHome,
  older: readonly { claim: Claim; guard: UniqueValue & Guard }[],
): Promise<void> {
  const renewed = await store.renewGuards(
    home,
    older.map(({ claim, guard }) => ({ ...guard, to: claim.claimant.change.to.version })),
  );
  older.forEach(({ claim, guard }, index) => {
    if (renewed[index]) claim.claimant.claimed = true;
    else contest(claim, guard.entityId);
  });
}

function contest(claim: Claim, entityId = claim.claimant.change.entityId): void {
  fail(claim, 'contested', entityId);
}

function fail({ claimant, value }: Claim, kind: 'taken' | 'contested', entityId: string): void {
  claimant.failure = { kind, entityId, ...value };
}
