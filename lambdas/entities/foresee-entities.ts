import { type EntityState, valuesOnlyIn } from '../store/entity-state.ts';
import { type EntityStore, uniqueKey } from '../store/entity-store.ts';
import { EntityAttempt } from './entity-attempt.ts';
import type { EntityContext, EntityOutcome, EntityRequest } from './entity-target.ts';

/** What there is, and what the requests before would have made of it. */
interface Foreseen {
  readonly states: Map<string, EntityState>;
  /** Who has a unique value, by `uniqueKey`. */
  readonly owners: Map<string, string>;
}

/** What would become of the requests, one after the other, if nothing else happened. Reads only. */
export async function foreseeEntities(
  entities: EntityStore,
  requests: readonly EntityRequest[],
  context: EntityContext,
): Promise<EntityOutcome[]> {
  const attempts = requests.map((request) => new EntityAttempt(request, context));
  const owners = await entities.find(
    context,
    attempts.flatMap(({ uniqueValues }) => uniqueValues),
  );
  const states = await entities.read(context, [
    ...owners.values(),
    ...attempts.filter(({ isBlind }) => !isBlind).map(({ entityId }) => entityId),
  ]);
  return attempts.map((attempt) => foresee(attempt, { states, owners }));
}

function foresee(attempt: EntityAttempt, foreseen: Foreseen): EntityOutcome {
  const { states, owners } = foreseen;
  // An attempt turns to another entity once at most, so this comes to an end.
  while (attempt.outcome === undefined) {
    const to = attempt.next(states.get(attempt.entityId));
    if (!to) continue;
    const { entityId } = attempt;
    const from = states.get(entityId);
    const taken = valuesOnlyIn(to, from).find((value) => (owners.get(uniqueKey(value)) ?? entityId) !== entityId);
    if (taken) {
      attempt.meetTaken({ ...taken, entityId: owners.get(uniqueKey(taken)) as string });
      continue;
    }
    for (const value of valuesOnlyIn(from, to)) owners.delete(uniqueKey(value));
    for (const value of valuesOnlyIn(to, from)) owners.set(uniqueKey(value), entityId);
    states.set(entityId, to);
    attempt.done();
  }
  return attempt.outcome;
}
