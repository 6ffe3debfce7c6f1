import type { RowError } from '../model/row.ts';
import type { UndoVerdict } from '../model/undone-row.ts';
import { type ChangeOutcome, changeEntities } from '../store/change-entities.ts';
import { pause } from '../store/concurrently.ts';
import type { EntityJournal } from '../store/entity-journal.ts';
import type { EntityHome, UniqueValue } from '../store/entity-keys.ts';
import { type EntityState, isThere, valuesOnlyIn } from '../store/entity-state.ts';
import type { EntityStore, StateChange } from '../store/entity-store.ts';

export interface ChangeStores {
  readonly entities: EntityStore;
  readonly journal: EntityJournal;
}

interface Undoing {
  readonly home: EntityHome;
  /** The action whose changes are undone. */
  readonly actionId: string;
}

type Journal = ReadonlyMap<string, EntityState> | undefined;
/** `nothing`: there was no entity. `unknown`: the journal is not there any more. */
type Prior = EntityState | 'nothing' | 'unknown';

/** How often a lost race is run again. */
const rounds = 6;

/** Makes entities what they were before the action, by changes like any other; a later change of another stays. */
export async function undoChanges(
  stores: ChangeStores,
  undoing: Undoing,
  entityIds: ReadonlySet<string>,
): Promise<ReadonlyMap<string, UndoVerdict>> {
  const verdicts = new Map<string, UndoVerdict>();
  const journals = new JournalReader(stores.journal, undoing.actionId);
  for (let round = 0; round < rounds; round++) {
    const open = [...entityIds].filter((entityId) => !verdicts.has(entityId));
    if (open.length === 0) break;
    if (round > 0) await pause(Math.random() * 25 * 2 ** round);
    await undoOnce(stores, undoing, { open, journals, verdicts });
  }
  for (const entityId of entityIds) {
    if (!verdicts.has(entityId)) verdicts.set(entityId, { kind: 'skipped', error: busy(undoing.home.entity) });
  }
  return verdicts;
}

interface Round {
  readonly open: readonly string[];
  readonly journals: JournalReader;
  readonly verdicts: Map<string, UndoVerdict>;
}

async function undoOnce(stores: ChangeStores, undoing: Undoing, { open, journals, verdicts }: Round): Promise<void> {
  const { home, actionId } = undoing;
  const states = await stores.entities.read(home, open);
  const name = stores.journal.newName('undo');
  const changes: StateChange[] = [];
  for (const entityId of open) {
    const from = states.get(entityId);
    const verdict = verdictOn(from, undoing);
    if (verdict) verdicts.set(entityId, verdict);
    if (verdict || !from) continue;
    const prior = await journals.priorTo(entityId, from);
    if (prior === 'unknown') verdicts.set(entityId, { kind: 'skipped', error: priorStateGone(home.entity) });
    else changes.push({ entityId, from, to: restored(from, prior, name) });
  }
  await finish(stores, undoing, states, journals);
  const before = changes.map(({ entityId, from }) => ({
    entityId,
    version: from?.version ?? 0,
    before: from as EntityState,
  }));
  if (before.length > 0) await stores.journal.write(actionId, name, before);
  const outcomes = await changeEntities(stores.entities, changes, { home });
  changes.forEach(({ entityId, to }, index) => {
    const verdict = verdictOf(outcomes[index] as ChangeOutcome, to, home.entity);
    if (verdict) verdicts.set(entityId, verdict);
  });
}

/** What is to be said without a change: it has been undone before, or is not the action's any more. */
function verdictOn(state: EntityState | undefined, { home, actionId }: Undoing): UndoVerdict | undefined {
  if (state === undefined) return { kind: 'deleted' };
  if (state.changedBy !== actionId) return { kind: 'skipped', error: changedSince(home.entity, state) };
  if (state.undone) return { kind: isThere(state) ? 'restored' : 'deleted' };
  return undefined;
}

/** Undefined when the entity was not as it was read: then it is looked at again. */
function verdictOf(outcome: ChangeOutcome, to: EntityState, entity: string): UndoVerdict | undefined {
  if (outcome.kind === 'made') return { kind: isThere(to) ? 'restored' : 'deleted' };
  if (outcome.kind === 'taken') return { kind: 'skipped', error: valueTaken(entity, outcome) };
  return undefined;
}

/** The entity as it was before, as its next version; the journal of the undoing has what it is now. */
function restored(from: EntityState, prior: EntityState | 'nothing', journal: string): EntityState {
  const { data: _, ...kept } = from;
  return {
    ...kept,
    ...(prior !== 'nothing' && prior.data && { data: prior.data }),
    unique: prior === 'nothing' ? {} : prior.unique,
    version: from.version + 1,
    updatedAt: new Date().toISOString(),
    undone: true,
    journal,
  };
}

/** An undoing before this one may not have lived to remove the guards of what entities lost by it. */
async function finish(
  { entities }: ChangeStores,
  { home, actionId }: Undoing,
  states: ReadonlyMap<string, EntityState>,
  journals: JournalReader,
): Promise<void> {
  const lost = [];
  for (const [entityId, state] of states) {
    if (state.changedBy !== actionId || !state.undone || state.journal === undefined) continue;
    const before = (await journals.read(state.journal))?.get(entityId);
    lost.push(...valuesOnlyIn(before, state).map((value) => ({ ...value, entityId, version: state.version })));
  }
  await entities.removeGuards(home, lost);
}

/** Reads each journal of an action once. */
class JournalReader {
  private readonly journal: EntityJournal;
  private readonly actionId: string;
  private readonly journals = new Map<string, Promise<Journal>>();

  constructor(journal: EntityJournal, actionId: string) {
    this.journal = journal;
    this.actionId = actionId;
  }

  read(name: string): Promise<Journal> {
    const known = this.journals.get(name);
    if (known) return known;
    const reading = this.journal.read(this.actionId, name);
    this.journals.set(name, reading);
    return reading;
  }

  /** What the entity was before the action; the action may have changed it more than once. */
  async priorTo(entityId: string, state: EntityState): Promise<Prior> {
    let prior: EntityState | undefined = state;
    while (prior.changedBy === this.actionId && !prior.undone) {
      if (prior.journal === undefined) return 'nothing';
      prior = (await this.read(prior.journal))?.get(entityId);
      if (prior === undefined) return 'unknown';
    }
    return prior;
  }
}

function changedSince(entity: string, { changedBy, updatedAt }: EntityState): RowError {
  const message = `Action ${changedBy} changed the ${entity} since, at ${updatedAt}, so it stays as it is.`;
  return { code: 'changed_since', message };
}

function valueTaken(entity: string, { field, value, entityId }: UniqueValue & { readonly entityId: string }): RowError {
  const message = `The ${entity} had the ${field} ${value}, which ${entity} ${entityId} has by now. Change that one first.`;
  return { code: 'value_taken', message, column: field, value };
}

function priorStateGone(entity: string): RowError {
  const message = `What the ${entity} was before is not kept any more, so it stays as it is.`;
  return { code: 'prior_state_gone', message };
}

function busy(entity: string): RowError {
  return { code: 'entity_busy', message: `Others kept changing the same ${entity}. Undo the action once more.` };
}
