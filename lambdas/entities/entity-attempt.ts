import { isDeepStrictEqual } from 'node:util';
import type { EntityEffect } from '../model/entity.ts';
import { actionEntityIdOf, digestOf } from '../model/identity.ts';
import type { RowData, RowError } from '../model/row.ts';
import type { UniqueValue } from '../store/entity-keys.ts';
import { type EntityState, isThere } from '../store/entity-state.ts';
import { entityNotFound, requiredOfNew, valueTaken } from './entity-errors.ts';
import type { EntityContext, EntityOutcome, EntityRequest } from './entity-target.ts';

/** What a request is after: a new entity, or something with the one that is there. `keep` is to leave it as it is. */
type Aim = 'make' | 'change' | 'remove' | 'keep';

const effects: Readonly<Record<Aim, EntityEffect>> = {
  make: 'created',
  change: 'updated',
  remove: 'deleted',
  keep: 'known',
};

/** Changes of an entity that are remembered with it: more than come between a message and its repetition. */
const marksKept = 8;

/** One request on its way to its outcome. Plans from what is there, and thinks again when it meets something else. */
export class EntityAttempt {
  /** The entity that is meant, as far as is known. */
  entityId: string;
  outcome?: EntityOutcome;
  private aim: Aim;
  private readonly request: EntityRequest;
  private readonly context: EntityContext;
  /** Tells this row's change from all others. */
  private readonly mark: string;

  constructor(request: EntityRequest, context: EntityContext) {
    this.request = request;
    this.context = context;
    this.mark = digestOf(context.actionId, request.uniqueIdentifier).slice(0, 12);
    this.aim = aimOf(request, context);
    this.entityId = this.aim === 'make' ? this.ownId : request.entityId;
  }

  /** Whether it can do without a look at what is there: a new entity meets what it has to. */
  get isBlind(): boolean {
    return this.aim === 'make';
  }

  /** The unique values that it may come to guard. */
  get uniqueValues(): UniqueValue[] {
    return Object.entries(this.request.unique ?? {}).map(([field, value]) => ({ field, value }));
  }

  /** The state that is to come after `state`; undefined when there is nothing to do, and `outcome` says so. */
  next(state: EntityState | undefined): EntityState | undefined {
    if (this.aim === 'make') return this.made(state);
    if (state?.marks.includes(this.mark)) return this.done();
    if (isThere(state)) return this.aim === 'keep' ? this.done() : this.changed(state);
    if (this.aim === 'remove' && isRemovedBy(state, this.context.actionId)) return this.done();
    if (this.aim === 'remove' || this.context.action === 'update') {
      return this.refuse(entityNotFound(this.context.entity, this.entityId));
    }
    // What there was is gone, so it is as if it had never been there.
    this.aim = 'make';
    this.entityId = this.ownId;
    return this.made(undefined);
  }

  /** Whether `state` came about by this very request, and by none after it. */
  isLastOf(state: EntityState | undefined): state is EntityState {
    return state?.marks[0] === this.mark;
  }

  /** Nothing more is to be done. */
  done(): undefined {
    this.outcome = { kind: 'done', entityId: this.entityId, effect: effects[this.aim] };
  }

  /** Another entity has a value that this one was to get: then that one is meant, or the row is wrong. */
  meetTaken({ entityId, ...value }: UniqueValue & { readonly entityId: string }): void {
    if (this.aim === 'make') {
      this.entityId = entityId;
      this.aim = this.context.action === 'insert' ? 'keep' : 'change';
      if (this.aim === 'keep') this.done();
    } else this.refuse(valueTaken(this.context.entity, value, entityId));
  }

  private get ownId(): string {
    return actionEntityIdOf(this.context.accountId, this.context.entity, {
      actionId: this.context.actionId,
      uniqueIdentifier: this.request.uniqueIdentifier,
    });
  }

  private made(state: EntityState | undefined): EntityState | undefined {
    // Its id is this row's alone: whoever made it was this row, whatever others have done to it since.
    if (state?.createdBy !== undefined) return this.done();
    const [missing] = this.request.missing ?? [];
    if (missing !== undefined) return this.refuse(requiredOfNew(this.context.entity, missing));
    const now = new Date().toISOString();
    const { actionId } = this.context;
    return {
      version: (state?.version ?? 0) + 1,
      data: withoutNulls(this.request.data),
      unique: this.request.unique ?? {},
      createdBy: actionId,
      createdAt: now,
      changedBy: actionId,
      updatedAt: now,
      marks: [],
    };
  }

  private changed(state: EntityState & { data: RowData }): EntityState | undefined {
    const { data, unique, undone, journal, ...kept } = state;
    const now = {
      version: state.version + 1,
      changedBy: this.context.actionId,
      updatedAt: new Date().toISOString(),
      marks: [this.mark, ...state.marks].slice(0, marksKept),
    };
    if (this.aim === 'remove') return { ...kept, ...now, unique: {} };
    const next = {
      data: withoutNulls({ ...data, ...this.request.data }),
      unique: withoutCleared({ ...unique, ...this.request.unique }, this.request.data),
    };
    if (isDeepStrictEqual({ data, unique }, next)) return this.done();
    return { ...kept, ...now, ...next };
  }

  private refuse(error: RowError): undefined {
    this.outcome = { kind: 'refused', error };
  }
}

function aimOf({ effect }: EntityRequest, { action }: EntityContext): Aim {
  if (action === 'delete') return 'remove';
  if (action === 'insert') return effect === 'known' ? 'keep' : 'make';
  return effect === 'created' ? 'make' : 'change';
}

/** Another row of the action may have named it too; another action's deletion is none of this one's. */
function isRemovedBy(state: EntityState | undefined, actionId: string): boolean {
  return state?.createdBy !== undefined && state.changedBy === actionId && !state.undone;
}

function withoutNulls(data: RowData): RowData {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null && value !== undefined));
}

function withoutCleared(unique: Readonly<Record<string, string>>, data: RowData): Record<string, string> {
  return Object.fromEntries(Object.entries(unique).filter(([field]) => data[field] !== null));
}
