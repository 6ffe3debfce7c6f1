import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { shardOf } from '../model/identity.ts';
import type { RowData } from '../model/row.ts';
import { runStatements } from './statements.ts';

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
   * Creates the entities. One that is there already is left as it is: its id follows from its row's identity, so it
   * is this very entity, created by an earlier attempt.
   */
  async create(origin: EntityOrigin, entities: readonly NewEntity[]): Promise<void> {
    const now = new Date().toISOString();
    const statement = `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?,'entity':?,'uniqueIdentifier':?,'data':?,'referenceId':?,'processName':?,'actionId':?,'createdAt':?}`;
    await runStatements(
      this.client,
      entities.map((entity) => ({
        Statement: statement,
        Parameters: [
          { S: `${origin.accountId}#${origin.entity}#${shardOf(entity.entityId)}` },
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
}
