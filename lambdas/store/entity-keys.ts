import { shardOf } from '../model/identity.ts';

/** Whose entities, and of what kind. */
export interface EntityHome {
  readonly accountId: string;
  /** What kind of entity, e.g. `facility`. */
  readonly entity: string;
}

/** The partition of an entity: 16 of a kind, so that one account may write 16,000 a second. */
export function entityPartition(home: EntityHome, entityId: string): string {
  return shardPartition(home, shardOf(entityId));
}

export function shardPartition({ accountId, entity }: EntityHome, shard: number): string {
  return `${accountId}#${entity}#${shard}`;
}

/** The index partition of all entities under one parent; of all roots when there is none. */
export function siblingPartition({ accountId, entity }: EntityHome, parentId: string | undefined): string {
  return `${accountId}#${entity}#${parentId ?? 'root'}`;
}

/** Where it is noted that an account has entities of a kind that other processes may name. */
export function kindKey({ accountId, entity }: EntityHome): { pk: string; sk: string } {
  return { pk: `${accountId}#kinds`, sk: entity };
}

/** One value of a unique field: that of an entity, or that an entity is to have. */
export interface UniqueValue {
  readonly field: string;
  /** As it is compared. */
  readonly value: string;
}

/** The guard of a unique value, PK `accountId#unique:entity:field#shard`, SK the value: whoever inserts it has the value. */
export function guardKey({ accountId, entity }: EntityHome, { field, value }: UniqueValue): { pk: string; sk: string } {
  return { pk: `${accountId}#unique:${entity}:${field}#${shardOf(value)}`, sk: value };
}
