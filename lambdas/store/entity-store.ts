import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { WriteBounds } from '../model/write-bounds.ts';
import { type EntityHome, entityPartition, guardKey, type UniqueValue } from './entity-keys.ts';
import { type EntityState, isThere, toAttribute, toState } from './entity-state.ts';
import { type ItemKey, type KeyedStatement, keyParameters, marshalledKey, runKeyed } from './keyed-statements.ts';
import { readItems } from './read-items.ts';

/** A change of one entity, from what was read to what is to be. */
export interface StateChange {
  readonly entityId: string;
  /** Absent when there was nothing under the id. */
  readonly from?: EntityState;
  /** Its version is one more than that of `from`; 1 without. */
  readonly to: EntityState;
}

/** Who has a unique value, or is about to. */
export interface Guard {
  readonly entityId: string;
  /** The version with which the entity gets, or got, the value. */
  readonly version: number;
  /** When it was put there. */
  readonly since: string;
}

/**
 * Entities that can change and the guards of their unique values, in the registry table. Reads are consistent. Each write
 * stands alone; `changeEntities` keeps them together.
 */
export class EntityStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /** The ids of the entities that have the values, by `uniqueKey`. */
  async find(home: EntityHome, values: readonly UniqueValue[]): Promise<Map<string, string>> {
    const guards = await this.guards(home, values);
    const holders = await this.read(
      home,
      [...guards.values()].map(({ entityId }) => entityId),
    );
    // A guard says little by itself: whoever put it there may be on the way, or have stopped midway.
    const held = values.filter(({ field, value }) => {
      const holder = holders.get(guards.get(uniqueKey({ field, value }))?.entityId ?? '');
      return isThere(holder) && holder.unique[field] === value;
    });
    return new Map(held.map((value) => [uniqueKey(value), guards.get(uniqueKey(value))?.entityId as string]));
  }

  /** Those of the ids that are entities of the account, also of kinds that do not change. */
  async exist(home: EntityHome, entityIds: readonly string[]): Promise<Set<string>> {
    const items = await this.items(home, entityIds);
    const there = items.filter((item) => item.state === undefined || isThere(toState(item)));
    return new Set(there.map(({ sk }) => sk?.S as string));
  }

  /** What there is, or was, under the ids. */
  async read(home: EntityHome, entityIds: readonly string[]): Promise<Map<string, EntityState>> {
    const items = await this.items(home, entityIds);
    return new Map(items.map((item) => [item.sk?.S as string, toState(item)] as const).filter(hasState));
  }

  /** The guards of those values that have one, by `uniqueKey`. */
  async guards(home: EntityHome, values: readonly UniqueValue[]): Promise<Map<string, Guard>> {
    const keys = new Map(values.map((value) => [JSON.stringify(guardKey(home, value)), uniqueKey(value)]));
    const items = await readItems(this.client, {
      table: this.table,
      keys: values.map((value) => marshalledKey(guardKey(home, value))),
      attributes: ['pk', 'sk', 'entityId', 'version', 'since'],
      consistent: true,
    });
    return new Map(
      items.map(({ pk, sk, entityId, version, since }) => [
        keys.get(JSON.stringify({ pk: pk?.S, sk: sk?.S })) as string,
        { entityId: entityId?.S as string, version: Number(version?.N), since: since?.S as string },
      ]),
    );
  }

  /** Makes the changes whose entity is still as it was read; false for each that is not, also when this very change made it so. */
  change(home: EntityHome, changes: readonly StateChange[], bounds?: WriteBounds): Promise<boolean[]> {
    return this.run(
      changes.map((change) => this.changing(home, change)),
      bounds,
    );
  }

  /**
   * Moves entities, or ids under which there is nothing yet, on to their next version with nothing else changed: what was
   * about to change them from `from` can't any more. False for each that is not as it was read.
   */
  moveOn(
    home: EntityHome,
    entities: readonly { entityId: string; from: EntityState | undefined; changedBy: string }[],
    bounds?: WriteBounds,
  ): Promise<boolean[]> {
    const barred = { unique: {}, updatedAt: new Date().toISOString(), marks: [] };
    return this.change(
      home,
      entities.map(({ entityId, from, changedBy }) =>
        from
          ? { entityId, from, to: { ...from, version: from.version + 1 } }
          : { entityId, to: { ...barred, version: 1, changedBy } },
      ),
      bounds,
    );
  }

  /** Puts guards where there are none; false for each that there is. */
  putGuards(home: EntityHome, guards: readonly (UniqueValue & Guard)[], bounds?: WriteBounds): Promise<boolean[]> {
    const statement = `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?,'entityId':?,'version':?,'since':?}`;
    return this.run(
      guards.map(({ entityId, version, since, ...value }) => {
        const key = guardKey(home, value);
        const Parameters = [...keyParameters(key), { S: entityId }, { N: String(version) }, { S: since }];
        return { key, Statement: statement, Parameters };
      }),
      bounds,
    );
  }

  /** Makes an entity's own guards those of a later version; false for each that is not as it was read. */
  renewGuards(
    home: EntityHome,
    guards: readonly (UniqueValue & Guard & { readonly to: number })[],
    bounds?: WriteBounds,
  ): Promise<boolean[]> {
    const statement = `UPDATE "${this.table}" SET "version"=? WHERE pk=? AND sk=? AND "entityId"=? AND "version"=?`;
    return this.run(
      guards.map(({ entityId, version, to, ...value }) => {
        const key = guardKey(home, value);
        const Parameters = [{ N: String(to) }, ...keyParameters(key), { S: entityId }, { N: String(version) }];
        return { key, Statement: statement, Parameters };
      }),
      bounds,
    );
  }

  /** Removes the guards of values that the entity, at `version`, does not have; later ones, and those of others, stay. */
  async removeGuards(
    home: EntityHome,
    guards: readonly (UniqueValue & Pick<Guard, 'entityId' | 'version'>)[],
    bounds?: WriteBounds,
  ): Promise<void> {
    const statement = `DELETE FROM "${this.table}" WHERE pk=? AND sk=? AND "entityId"=? AND "version"<=?`;
    await this.run(
      guards.map(({ entityId, version, ...value }) => {
        const key = guardKey(home, value);
        return {
          key,
          Statement: statement,
          Parameters: [...keyParameters(key), { S: entityId }, { N: String(version) }],
        };
      }),
      bounds,
    );
  }

  private run(statements: readonly KeyedStatement[], bounds?: WriteBounds): Promise<boolean[]> {
    return runKeyed(this.client, statements, bounds);
  }

  private changing(home: EntityHome, { entityId, from, to }: StateChange): KeyedStatement {
    const key = entityKey(home, entityId);
    if (from === undefined) {
      const Statement = `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?,'state':?}`;
      return { key, Statement, Parameters: [...keyParameters(key), toAttribute(to)] };
    }
    const Statement = `UPDATE "${this.table}" SET "state"=? WHERE pk=? AND sk=? AND "state"."version"=?`;
    return { key, Statement, Parameters: [toAttribute(to), ...keyParameters(key), { N: String(from.version) }] };
  }

  private items(home: EntityHome, entityIds: readonly string[]): Promise<Record<string, AttributeValue>[]> {
    return readItems(this.client, {
      table: this.table,
      keys: entityIds.map((entityId) => marshalledKey(entityKey(home, entityId))),
      attributes: ['sk', 'state'],
      consistent: true,
    });
  }
}

/** A unique value as a key of maps: field, NUL, value. */
export function uniqueKey({ field, value }: UniqueValue): string {
  return `${field}\u0000${value}`;
}

function entityKey(home: EntityHome, entityId: string): ItemKey {
  return { pk: entityPartition(home, entityId), sk: entityId };
}

function hasState(entry: readonly [string, EntityState | undefined]): entry is [string, EntityState] {
  return entry[1] !== undefined;
}
