import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { shardOf } from '../model/identity.ts';
import type { MappingPair, MappingType } from '../model/mapping.ts';
import type { RowData } from '../model/row.ts';
import { runStatements, type StatementOutcome } from './statements.ts';

/** An entity about to be created. */
export interface NewEntity {
  readonly entityId: string;
  readonly uniqueIdentifier: string;
  readonly data: RowData;
}

/** Where an entity came from; kept with it. */
export interface EntityOrigin {
  readonly accountId: string;
  /** What kind of entity, e.g. `facility`. */
  readonly entity: string;
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

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /**
   * Creates the entities. One that is there already is this very entity, since its id follows from its row's identity:
   * an earlier attempt created it and did not live to say so. If that was another action, its row may have been
   * corrected since, so the values are made those of this one.
   */
  async create(origin: EntityOrigin, entities: readonly NewEntity[]): Promise<void> {
    const outcomes = await this.insert(origin, entities);
    await this.correct(
      origin,
      entities.filter((_, index) => outcomes[index] === 'duplicate'),
    );
  }

  private insert(origin: EntityOrigin, entities: readonly NewEntity[]): Promise<StatementOutcome[]> {
    const now = new Date().toISOString();
    const statement = `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?,'entity':?,'uniqueIdentifier':?,'data':?,'referenceId':?,'processName':?,'actionId':?,'createdAt':?}`;
    return runStatements(
      this.client,
      entities.map((entity) => ({
        Statement: statement,
        Parameters: [
          { S: partitionKey(origin, entity.entityId) },
          { S: entity.entityId },
          { S: origin.entity },
          { S: entity.uniqueIdentifier },
          { S: JSON.stringify(entity.data) },
          { S: origin.referenceId },
          { S: origin.processName },
          { S: origin.actionId },
          { S: now },
        ],
      })),
    );
  }

  private async correct(origin: EntityOrigin, entities: readonly NewEntity[]): Promise<void> {
    const statement = `UPDATE "${this.table}" SET "data"=? WHERE pk=? AND sk=? AND "actionId"<>?`;
    await runStatements(
      this.client,
      entities.map(({ entityId, data }) => ({
        Statement: statement,
        Parameters: [
          { S: JSON.stringify(data) },
          { S: partitionKey(origin, entityId) },
          { S: entityId },
          { S: origin.actionId },
        ],
      })),
    );
  }

  /** Maps entities to boundaries; a mapping that is there already is left as it is. */
  async attach(home: MappingHome, mappings: readonly RegisteredMapping[]): Promise<void> {
    const now = new Date().toISOString();
    const statement = `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?,'entityId':?,'uniqueIdentifier':?,'boundaryCode':?,'referenceId':?,'createdAt':?}`;
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
          { S: now },
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

function partitionKey({ accountId, entity }: EntityOrigin, entityId: string): string {
  return `${accountId}#${entity}#${shardOf(entityId)}`;
}
