import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { RowData } from '../model/row.ts';
import type { UniqueValue } from './entity-keys.ts';

/**
 * An entity that can change, at one moment of its history. It stands in one attribute, so that one condition on `version`
 * and one assignment change all of it. Of an entity that is gone the history stays, without any of its values: its id
 * never comes back by a message that comes late.
 */
export interface EntityState {
  /** 1 for the first, one more with each change. */
  readonly version: number;
  /** Absent when the entity is gone, or never was. */
  readonly data?: RowData;
  /** By field, as they are compared; those that are guarded. */
  readonly unique: Readonly<Record<string, string>>;
  /** The action that made it; absent for an id that was barred before there was an entity. */
  readonly createdBy?: string;
  readonly createdAt?: string;
  /** The action of the last change. */
  readonly changedBy: string;
  readonly updatedAt: string;
  /** The last change was the undoing of `changedBy`. */
  readonly undone?: true;
  /** The name of the journal, of `changedBy`, that has the state before the last change; absent where there was none. */
  readonly journal?: string;
  /** Marks of the rows that changed it last, the newest first: whose message comes again has nothing left to do. */
  readonly marks: readonly string[];
}

type Item = Record<string, AttributeValue>;

/** Whether there is an entity. */
export function isThere(state: EntityState | undefined): state is EntityState & { data: RowData } {
  return state?.data !== undefined;
}

/** The values that the entity has at this moment, in the order in which they are guarded. */
export function uniqueValuesOf(state: EntityState | undefined): UniqueValue[] {
  return Object.entries(state?.unique ?? {}).map(([field, value]) => ({ field, value }));
}

/** The values of `one` that `other` does not have. */
export function valuesOnlyIn(one: EntityState | undefined, other: EntityState | undefined): UniqueValue[] {
  return uniqueValuesOf(one).filter(({ field, value }) => other?.unique[field] !== value);
}

/** As the table holds it; what is empty or absent takes no room. */
export function toAttribute(state: EntityState): AttributeValue {
  const { version, data, unique, marks, undone, ...texts } = state;
  const fields: Item = { version: { N: String(version) } };
  if (data !== undefined) fields.data = { S: JSON.stringify(data) };
  // Text, because a map would not keep the order.
  if (Object.keys(unique).length > 0) fields.unique = { S: JSON.stringify(unique) };
  if (marks.length > 0) fields.marks = { S: marks.join(',') };
  if (undone) fields.undone = { BOOL: true };
  for (const [name, value] of Object.entries(texts)) if (value !== undefined) fields[name] = { S: value };
  return { M: fields };
}

/** Undefined for items of kinds that do not change. */
export function toState(item: Item): EntityState | undefined {
  const fields = item.state?.M;
  if (fields === undefined) return undefined;
  return {
    version: Number(fields.version?.N),
    unique: JSON.parse(fields.unique?.S ?? '{}') as Record<string, string>,
    changedBy: fields.changedBy?.S as string,
    updatedAt: fields.updatedAt?.S as string,
    marks: fields.marks?.S?.split(',') ?? [],
    ...(fields.data?.S !== undefined && { data: JSON.parse(fields.data.S) as RowData }),
    ...(fields.createdBy?.S !== undefined && { createdBy: fields.createdBy.S }),
    ...(fields.createdAt?.S !== undefined && { createdAt: fields.createdAt.S }),
    ...(fields.undone?.BOOL === true && { undone: true }),
    ...(fields.journal?.S !== undefined && { journal: fields.journal.S }),
  };
}
