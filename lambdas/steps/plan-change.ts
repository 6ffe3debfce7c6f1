import type { ActionKind } from '../model/action.ts';
import type { EntityEffect } from '../model/entity.ts';
import { actionEntityIdOf } from '../model/identity.ts';
import { type EntityKeys, entityIdColumn, type ProcessDefinition } from '../model/process.ts';
import type { RowData, RowError } from '../model/row.ts';
import type { UniqueValue } from '../store/entity-keys.ts';
import { type EntityFinder, FoundEntities } from './entity-lookup.ts';

/** What a row is to do to which entity. */
export interface PlannedChange {
  readonly effect: EntityEffect;
  /** The entity that is meant, or the id that a new one is to have. */
  readonly entityId: string;
  /** The fields to set, `null` clearing one; of a new entity only what is set. */
  readonly data: RowData;
  /** All that no other row of the sheet may name as well, by column. */
  readonly claims: readonly UniqueValue[];
}

type Plan = PlannedChange | { readonly errors: readonly RowError[] };

/** Whose action plans, and what it does. */
export interface Planning {
  readonly accountId: string;
  readonly actionId: string;
  readonly process: Pick<ProcessDefinition, 'entity' | 'action'> & { readonly entityKeys: EntityKeys };
}

/**
 * Says of each row, from what there is when the sheet is staged, which entity it means and what it will do to it. What
 * comes between is decided by the conditions of the writes themselves. Knows of the entities that some rows may mean.
 */
export class ChangePlanner {
  private readonly planning: Planning;
  private readonly found: FoundEntities;

  private constructor(planning: Planning, found: FoundEntities) {
    this.planning = planning;
    this.found = found;
  }

  /** Finds out about all entities that the rows may mean, so that `plan` can judge these rows. */
  static async learn(finder: EntityFinder, planning: Planning, rows: readonly RowData[]): Promise<ChangePlanner> {
    const home = { accountId: planning.accountId, entity: planning.process.entity };
    const found = await FoundEntities.find(finder, home, {
      values: rows.flatMap((row) => given(planning, row)),
      entityIds: rows.flatMap(({ [entityIdColumn]: id }) => (typeof id === 'string' ? [id] : [])),
    });
    return new ChangePlanner(planning, found);
  }

  plan({ [entityIdColumn]: id, ...data }: RowData, uniqueIdentifier: string): Plan {
    const values = given(this.planning, data);
    const owned = values.flatMap((value) => {
      const owner = this.found.ownerOf(value);
      return owner === undefined ? [] : [{ ...value, owner }];
    });
    const { action } = this.planning.process;
    if (action === 'insert' && owned[0]) return { effect: 'known', entityId: owned[0].owner, data, claims: values };
    const errors = this.errorsOf({ id: id as string | undefined, given: values, owned });
    if (errors.length > 0) return { errors };
    const entityId = (id as string | undefined) ?? owned[0]?.owner;
    if (entityId === undefined) return this.creation(data, values, uniqueIdentifier);
    const claims = [...values, { field: entityIdColumn, value: entityId }];
    return { effect: effects[action], entityId, data, claims };
  }

  /** A new entity; what it is never without must be there, and there is nothing to clear. */
  private creation(row: RowData, claims: readonly UniqueValue[], uniqueIdentifier: string): Plan {
    const { accountId, actionId, process } = this.planning;
    const data = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
    const lacking = process.entityKeys.required.filter((field) => data[field] === undefined);
    if (lacking.length > 0) return { errors: lacking.map((field) => lacks(process.entity, field)) };
    const entityId = actionEntityIdOf(accountId, process.entity, { actionId, uniqueIdentifier });
    return { effect: 'created', entityId, data, claims };
  }

  /** Why the row names no entity, or more than one. */
  private errorsOf({ id, given, owned }: Named): RowError[] {
    const { entity, action } = this.planning.process;
    if (id !== undefined && !this.found.exists(id)) return [notFound(entity, { field: entityIdColumn, value: id })];
    const meant = id ?? owned[0]?.owner;
    const others = owned.filter(({ owner }) => owner !== meant);
    if (others.length > 0 && id !== undefined && action !== 'delete')
      return others.map((other) => taken(entity, other));
    if (others.length > 0) {
      return [ambiguous(entity, id === undefined ? owned : [{ field: entityIdColumn, value: id }, ...others])];
    }
    // What is to be deleted must be what all of the row says, and what is to be updated must be there.
    const unowned = given.filter((value) => this.found.ownerOf(value) === undefined);
    if (action === 'delete') return unowned.map((value) => notFound(entity, value));
    if (action === 'update' && meant === undefined) return unowned.map((value) => notFound(entity, value));
    return [];
  }
}

/** The values of unique fields that the row sets. */
function given({ process }: Planning, row: RowData): UniqueValue[] {
  return process.entityKeys.unique.flatMap((field) => {
    const value = row[field];
    return typeof value === 'string' ? [{ field, value }] : [];
  });
}

interface Named {
  readonly id: string | undefined;
  readonly given: readonly UniqueValue[];
  readonly owned: readonly (UniqueValue & { readonly owner: string })[];
}

/** What becomes of an entity that is there. */
const effects: Readonly<Record<ActionKind, EntityEffect>> = {
  insert: 'known',
  update: 'updated',
  upsert: 'updated',
  delete: 'deleted',
};

function notFound(entity: string, { field, value }: UniqueValue): RowError {
  const message = `There is no ${entity} with the ${field} ${value} in this account. Correct it, or insert the ${entity} first.`;
  return { code: 'entity_not_found', message, column: field, value };
}

function ambiguous(entity: string, named: readonly UniqueValue[]): RowError {
  const [first] = named as readonly [UniqueValue];
  const values = named.map(({ field, value }) => `${field} ${value}`).join(' and ');
  const message = `The row means more than one ${entity}: ${values} are not of the same one. Keep those of the ${entity} that is meant.`;
  return { code: 'ambiguous_entity', message, column: first.field, value: first.value };
}

function taken(entity: string, { field, value }: UniqueValue): RowError {
  const message = `Another ${entity} has the ${field} ${value}. Use another value, or change that one first.`;
  return { code: 'value_taken', message, column: field, value };
}

function lacks(entity: string, field: string): RowError {
  const message = `There is no such ${entity} yet, and a new one must have a ${field}. Fill it in, or correct what identifies the row.`;
  return { code: 'required', message, column: field, value: '' };
}
