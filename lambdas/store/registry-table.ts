import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EntityScope } from '../model/identity.ts';
import { accountEntityIdOf, shardOf } from '../model/identity.ts';
import type { MappingPair, MappingType } from '../model/mapping.ts';
import type { RowData } from '../model/row.ts';
import type { WriteBounds } from '../model/write-bounds.ts';
import { type EntityHome, entityPartition, kindKey, siblingPartition } from './entity-keys.ts';
import { readItems } from './read-items.ts';
import { runStatements, type Statement, type StatementOutcome } from './statements.ts';

/** An entity about to be created. */
export interface NewEntity {
  readonly entityId: string;
  readonly uniqueIdentifier: string;
  readonly data: RowData;
  /** Where it stands in its hierarchy, if its kind has one. */
  readonly place?: EntityPlace;
}

export interface EntityPlace {
  /** The parent's identifier; empty for a root. */
  readonly parent: string;
  /** 0 for a root. */
  readonly level: number;
}

/** Where an entity came from; kept with it. And until when it may be written. */
export interface EntityOrigin extends EntityHome, WriteBounds {
  /** Absent means `reference`. */
  readonly entityScope?: EntityScope;
  readonly referenceId: string;
  readonly processName: string;
  readonly actionId: string;
}

/** A boundary mapping as the registry keeps it. */
export interface RegisteredMapping extends MappingPair {
  readonly mappingId: string;
  /** The entity that stands at the boundary. */
  readonly entityId: string;
}

/** Whose mappings, and of what. */
export interface MappingHome {
  readonly accountId: string;
  readonly referenceId: string;
  readonly type: MappingType;
}

/**
 * The embedded home of created entities, PK `accountId#entity#shard`, SK `entityId`, and of their boundary mappings, PK
 * `accountId#mapping:type#shard`, SK `mappingId`.
 */
export class RegistryTable {
  private readonly client: DynamoDBClient;
  private readonly table: string;
  /** Kinds that are noted, so that one process notes each once. */
  private readonly notedKinds = new Set<string>();

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /**
   * Creates the entities. One that is there already is, in its own reference, this very entity, since its id follows from
   * its row's identity: an earlier attempt created it and did not live to say so. If that was another action, its row may
   * have been corrected since, so the values are made those of this one. One that another reference of the account made
   * is left as it is; the answer is the ids of those.
   */
  async create(origin: EntityOrigin, entities: readonly NewEntity[]): Promise<ReadonlySet<string>> {
    const outcomes = await this.insert(origin, entities);
    const met = entities.filter((_, index) => outcomes[index] === 'duplicate');
    const others = origin.entityScope === 'account' ? await this.madeElsewhere(origin, met) : new Set<string>();
    await this.correct(
      origin,
      met.filter(({ entityId }) => !others.has(entityId)),
    );
    // Before any of their rows says that it succeeded, so that whoever looks afterwards knows of the kind.
    if (origin.entityScope === 'account' && entities.length > 0) await this.noteKind(origin);
    return others;
  }

  private insert(origin: EntityOrigin, entities: readonly NewEntity[]): Promise<StatementOutcome[]> {
    const createdAt = new Date().toISOString();
    return runStatements(
      this.client,
      entities.map((entity) => this.insertion(origin, entity, createdAt)),
      origin,
    );
  }

  private insertion(origin: EntityOrigin, entity: NewEntity, createdAt: string): Statement {
    const attributes: Record<string, AttributeValue> = {
      pk: { S: entityPartition(origin, entity.entityId) },
      sk: { S: entity.entityId },
      uniqueIdentifier: { S: entity.uniqueIdentifier },
      data: { S: JSON.stringify(entity.data) },
      referenceId: { S: origin.referenceId },
      processName: { S: origin.processName },
      actionId: { S: origin.actionId },
      createdAt: { S: createdAt },
      ...(entity.place && placeAttributes(origin, entity, entity.place)),
    };
    const names = Object.keys(attributes).map((name) => `'${name}':?`);
    return {
      Statement: `INSERT INTO "${this.table}" VALUE {${names.join(',')}}`,
      Parameters: Object.values(attributes),
    };
  }

  /** The ids of those entities that another reference or process made. */
  async madeElsewhere(origin: EntityOrigin, entities: readonly Pick<NewEntity, 'entityId'>[]): Promise<Set<string>> {
    const items = await readItems(this.client, {
      table: this.table,
      keys: entities.map(({ entityId }) => ({ pk: { S: entityPartition(origin, entityId) }, sk: { S: entityId } })),
      attributes: ['sk', 'referenceId', 'processName'],
      consistent: true,
    });
    const others = items.filter(
      ({ referenceId, processName }) => referenceId?.S !== origin.referenceId || processName?.S !== origin.processName,
    );
    return new Set(others.map(({ sk }) => sk?.S as string));
  }

  /** One attribute a statement (the emulators and AWS agree on no other form), the values last. */
  private async correct(origin: EntityOrigin, entities: readonly NewEntity[]): Promise<void> {
    const attributes = ['parent', 'level', 'gsi1pk', 'data'] as const;
    for (const name of attributes) {
      const changes = entities.flatMap((entity) => {
        const place = entity.place && placeAttributes(origin, entity, entity.place);
        const value = name === 'data' ? { S: JSON.stringify(entity.data) } : place?.[name];
        return value ? [this.correction(origin, entity, name, value)] : [];
      });
      await runStatements(this.client, changes, origin);
    }
  }

  private correction(origin: EntityOrigin, { entityId }: NewEntity, name: string, value: AttributeValue): Statement {
    return {
      Statement: `UPDATE "${this.table}" SET "${name}"=? WHERE pk=? AND sk=? AND "actionId"<>?`,
      Parameters: [value, { S: entityPartition(origin, entityId) }, { S: entityId }, { S: origin.actionId }],
    };
  }

  /**
   * Removes entities that the action made; those that are gone already are as they should be. The answer is, by id, the
   * actions that made those which stay.
   */
  async remove(home: EntityHome, actionId: string, entityIds: readonly string[]): Promise<Map<string, string>> {
    const outcomes = await runStatements(
      this.client,
      entityIds.map((entityId) => ({
        Statement: `DELETE FROM "${this.table}" WHERE pk=? AND sk=? AND "actionId"=?`,
        Parameters: [{ S: entityPartition(home, entityId) }, { S: entityId }, { S: actionId }],
      })),
    );
    const left = await readItems(this.client, {
      table: this.table,
      keys: entityIds
        .filter((_, index) => outcomes[index] !== 'applied')
        .map((entityId) => ({ pk: { S: entityPartition(home, entityId) }, sk: { S: entityId } })),
      attributes: ['sk', 'actionId'],
      consistent: true,
    });
    return new Map(left.map(({ sk, actionId: other }) => [sk?.S as string, other?.S as string]));
  }

  private async noteKind(home: EntityHome): Promise<void> {
    const { pk, sk } = kindKey(home);
    if (this.notedKinds.has(`${pk}#${sk}`)) return;
    await runStatements(this.client, [
      { Statement: `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?}`, Parameters: [{ S: pk }, { S: sk }] },
    ]);
    this.notedKinds.add(`${pk}#${sk}`);
  }

  /** Maps entities to boundaries; a mapping that is there already is left as it is. */
  async attach(home: MappingHome, mappings: readonly RegisteredMapping[]): Promise<void> {
    const statement = `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?,'entityId':?,'uniqueIdentifier':?,'boundaryCode':?,'referenceId':?}`;
    await runStatements(
      this.client,
      mappings.map((mapping) => ({
        Statement: statement,
        Parameters: [
          ...mappingKey(home, mapping.mappingId),
          { S: mapping.entityId },
          { S: mapping.uniqueIdentifier },
          { S: mapping.boundaryCode },
          { S: home.referenceId },
        ],
      })),
    );
  }

  /** Removes mappings; one that is not there is as it should be. */
  async detach(home: MappingHome, mappingIds: readonly string[]): Promise<void> {
    const statement = `DELETE FROM "${this.table}" WHERE pk=? AND sk=?`;
    await runStatements(
      this.client,
      mappingIds.map((mappingId) => ({ Statement: statement, Parameters: mappingKey(home, mappingId) })),
    );
  }
}

function mappingKey({ accountId, type }: MappingHome, mappingId: string): { S: string }[] {
  return [{ S: `${accountId}#mapping:${type}#${shardOf(mappingId)}` }, { S: mappingId }];
}

/** The parent for people, the index keys for reading by parent. */
function placeAttributes(home: EntityHome, { uniqueIdentifier }: NewEntity, { parent, level }: EntityPlace) {
  const parentId = parent === '' ? undefined : accountEntityIdOf(home.accountId, home.entity, parent);
  return {
    parent: { S: parent },
    level: { N: String(level) },
    gsi1pk: { S: siblingPartition(home, parentId) },
    gsi1sk: { S: uniqueIdentifier },
  };
}
