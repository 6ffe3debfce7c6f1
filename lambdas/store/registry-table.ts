import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { shardOf } from '../model/identity.ts';
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

/** The embedded home of created entities. PK `accountId#entity#shard`, SK `entityId`. */
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
}

function partitionKey({ accountId, entity }: EntityOrigin, entityId: string): string {
  return `${accountId}#${entity}#${shardOf(entityId)}`;
}
