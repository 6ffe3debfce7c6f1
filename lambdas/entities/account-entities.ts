import { type ChangeOutcome, changeEntities } from '../store/change-entities.ts';
import { defaultPatienceMs } from '../store/claim-values.ts';
import { pause } from '../store/concurrently.ts';
import type { EntityJournal, PriorState } from '../store/entity-journal.ts';
import { type EntityState, isThere, valuesOnlyIn } from '../store/entity-state.ts';
import type { EntityStore, StateChange } from '../store/entity-store.ts';
import { EntityAttempt } from './entity-attempt.ts';
import { entityBusy } from './entity-errors.ts';
import type { EntityContext, EntityOutcome, EntityRequest, EntityTarget } from './entity-target.ts';
import { foreseeEntities } from './foresee-entities.ts';

/** How often a lost race is run again; then the queue brings the row again. */
const rounds = 6;
const retryAfterSeconds = 20;

interface Planned {
  readonly attempt: EntityAttempt;
  readonly change: StateChange;
}

/**
 * The embedded home of entities that can change: what an action asks of the entities of its account, each row exactly
 * once however often it comes, and no two entities with one value of a unique field however many actions run.
 */
export class AccountEntitiesTarget implements EntityTarget {
  readonly keepsEntityId = true;
  private readonly entities: EntityStore;
  private readonly journal: EntityJournal;
  private readonly patienceMs: number;

  /** @param patienceMs how long others may take over a change before it is taken for dead */
  constructor(
    { entities, journal }: { entities: EntityStore; journal: EntityJournal },
    patienceMs = defaultPatienceMs,
  ) {
    this.entities = entities;
    this.journal = journal;
    this.patienceMs = patienceMs;
  }

  async apply(requests: readonly EntityRequest[], context: EntityContext): Promise<EntityOutcome[]> {
    if (context.dryRun) return foreseeEntities(this.entities, requests, context);
    const attempts = requests.map((request) => new EntityAttempt(request, context));
    for (let round = 0; round < rounds; round++) {
      const open = attempts.filter(({ outcome }) => outcome === undefined);
      if (open.length === 0) break;
      // Scattered, so that those who met do not meet again.
      if (round > 0) await pause(Math.random() * 25 * 2 ** round);
      await this.attempt(open, context, round > 0);
    }
    return attempts.map(({ outcome }) => outcome ?? busy(context.entity));
  }

  /** One round: looks, unless nothing is to be seen yet, plans, writes the journal, changes. */
  private async attempt(open: readonly EntityAttempt[], context: EntityContext, look: boolean): Promise<void> {
    const seen = open.filter((attempt) => look || !attempt.isBlind);
    const states = await this.entities.read(
      context,
      seen.map(({ entityId }) => entityId),
    );
    const planned = plan(open, states);
    await this.finish(open, states, context);
    const changes = await this.journaled(planned, context);
    context.stop?.throwIfAborted();
    const outcomes = await changeEntities(this.entities, changes, {
      ...context,
      home: context,
      patienceMs: this.patienceMs,
    });
    planned.forEach(({ attempt }, index) => {
      settle(attempt, outcomes[index] as ChangeOutcome);
    });
  }

  /** Writes down what the entities are before they are changed; each change says where. */
  private async journaled(planned: readonly Planned[], context: EntityContext): Promise<StateChange[]> {
    const prior = planned.flatMap(({ change: { entityId, from } }): PriorState[] =>
      isThere(from) ? [{ entityId, version: from.version, before: from }] : [],
    );
    const changes = planned.map(({ change }) => change);
    if (prior.length === 0) return changes;
    context.stop?.throwIfAborted();
    const journal = this.journal.newName('rows');
    await this.journal.write(context.actionId, journal, prior);
    return changes.map((change) => (isThere(change.from) ? { ...change, to: { ...change.to, journal } } : change));
  }

  /**
   * An earlier attempt changed these and may not have lived to remove the guards of what they lost. The journal knows what
   * that was.
   */
  private async finish(
    attempts: readonly EntityAttempt[],
    states: ReadonlyMap<string, EntityState>,
    context: EntityContext,
  ): Promise<void> {
    const met = attempts.flatMap((attempt) => {
      const { entityId, outcome } = attempt;
      const state = states.get(entityId);
      return outcome?.kind === 'done' && attempt.isLastOf(state) ? [{ entityId, state }] : [];
    });
    for (const [name, group] of Map.groupBy(met, ({ state }) => state.journal)) {
      const before = name === undefined ? undefined : await this.journal.read(context.actionId, name);
      const lost = group.flatMap(({ entityId, state }) =>
        valuesOnlyIn(before?.get(entityId), state).map((value) => ({ ...value, entityId, version: state.version })),
      );
      await this.entities.removeGuards(context, lost, context);
    }
  }
}

/** What is to be changed now; of several changes of one entity the first, the others have their turn in later rounds. */
function plan(open: readonly EntityAttempt[], states: ReadonlyMap<string, EntityState>): Planned[] {
  const planned = new Map<string, Planned>();
  for (const attempt of open) {
    const to = attempt.next(states.get(attempt.entityId));
    // Only now, as it may have turned to another entity, of which nothing is known yet.
    const { entityId } = attempt;
    const from = states.get(entityId);
    if (to && !planned.has(entityId))
      planned.set(entityId, { attempt, change: { entityId, to, ...(from && { from }) } });
  }
  return [...planned.values()];
}

function settle(attempt: EntityAttempt, outcome: ChangeOutcome): void {
  if (outcome.kind === 'made') attempt.done();
  else if (outcome.kind === 'taken') attempt.meetTaken(outcome);
}

function busy(entity: string): EntityOutcome {
  return { kind: 'transient', error: entityBusy(entity), retryAfterSeconds };
}
