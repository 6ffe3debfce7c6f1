import { type AttributeValue, type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { shardCount } from '../model/identity.ts';
import type { RowData } from '../model/row.ts';
import { type EntityHome, entityPartition, shardPartition } from './entity-keys.ts';
import { isThere, toState } from './entity-state.ts';
import { marshalledKey } from './keyed-statements.ts';

/** An entity of any kind, as it is now. */
export interface StoredEntity {
  readonly entityId: string;
  readonly data: RowData;
  /** 1 for kinds that do not change. */
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly changedBy: string;
  readonly updatedAt: string;
}

/** Where a list of entities goes on: in a partition, behind an id. */
export interface ListPlace {
  readonly shard: number;
  readonly after: string;
}

/** What is gone leaves items behind, so an end is set to the search for what is not: a page may then be short. */
const queriesAPage = 2 * shardCount;

/** Reads an account's entities of any kind back, one by its id or all page by page. */
export class EntityListing {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /** The entity; undefined when there is none, or none any more. Consistent. */
  async find(home: EntityHome, entityId: string): Promise<StoredEntity | undefined> {
    const Key = marshalledKey({ pk: entityPartition(home, entityId), sk: entityId });
    const { Item } = await this.client.send(new GetItemCommand({ TableName: this.table, Key, ConsistentRead: true }));
    return Item && toEntity(Item);
  }

  /** At most `limit` entities from a place on, and the place behind them, unless there are no more. */
  async page(
    home: EntityHome,
    from: ListPlace,
    limit: number,
  ): Promise<{ entities: StoredEntity[]; next?: ListPlace }> {
    const entities: StoredEntity[] = [];
    let place: ListPlace | undefined = from;
    for (let queries = 0; place && queries < queriesAPage && entities.length < limit; queries++) {
      const { items, next } = await this.query(home, place, limit - entities.length);
      entities.push(...items.flatMap((item) => toEntity(item) ?? []));
      place = next;
    }
    return { entities, ...(place && { next: place }) };
  }

  private async query(
    home: EntityHome,
    { shard, after }: ListPlace,
    limit: number,
  ): Promise<{ items: Record<string, AttributeValue>[]; next?: ListPlace }> {
    const { Items: items = [], LastEvaluatedKey: last } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: after === '' ? 'pk = :pk' : 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: {
          ':pk': { S: shardPartition(home, shard) },
          ...(after !== '' && { ':after': { S: after } }),
        },
        Limit: limit,
      }),
    );
    if (last) return { items, next: { shard, after: last.sk?.S as string } };
    return { items, ...(shard + 1 < shardCount && { next: { shard: shard + 1, after: '' } }) };
  }
}

function toEntity(item: Record<string, AttributeValue>): StoredEntity | undefined {
  const entityId = item.sk?.S as string;
  if (item.state === undefined) return { entityId, ...toUnchanging(item) };
  const state = toState(item);
  if (!isThere(state)) return undefined;
  const { data, version, createdBy = '', createdAt = '', changedBy, updatedAt } = state;
  return { entityId, data, version, createdBy, createdAt, changedBy, updatedAt };
}

function toUnchanging(item: Record<string, AttributeValue>): Omit<StoredEntity, 'entityId'> {
  const actionId = item.actionId?.S as string;
  const createdAt = item.createdAt?.S as string;
  return {
    data: JSON.parse(item.data?.S ?? '{}') as RowData,
    version: 1,
    createdBy: actionId,
    createdAt,
    changedBy: actionId,
    updatedAt: createdAt,
  };
}
