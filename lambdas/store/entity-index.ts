import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { accountEntityIdOf, shardCount } from '../model/identity.ts';
import type { RowData } from '../model/row.ts';
import { type EntityHome, entityPartition, kindKey, shardPartition, siblingPartition } from './entity-keys.ts';
import { type Item, readItems } from './read-items.ts';

/** An entity that its account has once, as the registry keeps it. */
export interface SharedEntity {
  readonly entityId: string;
  readonly uniqueIdentifier: string;
  readonly data: RowData;
  /** The parent's identifier; empty for a root, and where there is no hierarchy. */
  readonly parent: string;
  /** 0 for a root. */
  readonly level: number;
  /** The reference whose action made it. */
  readonly referenceId: string;
  readonly createdAt: string;
}

const hierarchyIndex = 'gsi1';

/**
 * Finds entities that an account has once: by identifier, from which their ids follow, and by parent, in the order of
 * their identifiers. The index of parents may lag behind by a moment.
 */
export class EntityIndex {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /** Whether the account has any entity of the kind. */
  async hasAny(home: EntityHome): Promise<boolean> {
    return (await this.get(kindKey(home))) !== undefined;
  }

  async find(home: EntityHome, uniqueIdentifier: string): Promise<SharedEntity | undefined> {
    const item = await this.get(keyOf(home, uniqueIdentifier));
    return item && toEntity(item);
  }

  /** The levels of those identifiers that there are; 0 where the kind has no hierarchy. */
  async levels(home: EntityHome, uniqueIdentifiers: readonly string[]): Promise<Map<string, number>> {
    const items = await readItems(this.client, {
      table: this.table,
      keys: uniqueIdentifiers.map((identifier) => marshalled(keyOf(home, identifier))),
      attributes: ['uniqueIdentifier', 'level'],
      consistent: true,
    });
    return new Map(items.map(toLevel));
  }

  /** The levels of all entities of the kind, by identifier, a page of each partition at a time. */
  async *allLevels(home: EntityHome): AsyncGenerator<ReadonlyMap<string, number>> {
    let open = Array.from({ length: shardCount }, (_, shard) => this.levelsOfShard(home, shard));
    while (open.length > 0) {
      const pages = await Promise.all(open.map((shard) => shard.next()));
      for (const page of pages) if (!page.done) yield page.value;
      open = open.filter((_, index) => !pages[index]?.done);
    }
  }

  /** At most `limit` entities under a parent, or roots, whose identifiers come after `after`. */
  async children(
    home: EntityHome,
    parent: string,
    { after = '', limit }: { after?: string; limit: number },
  ): Promise<SharedEntity[]> {
    const parentId = parent === '' ? undefined : accountEntityIdOf(home.accountId, home.entity, parent);
    const found: SharedEntity[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const answer = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          IndexName: hierarchyIndex,
          KeyConditionExpression: after === '' ? 'gsi1pk = :pk' : 'gsi1pk = :pk AND gsi1sk > :after',
          ExpressionAttributeValues: {
            ':pk': { S: siblingPartition(home, parentId) },
            ...(after !== '' && { ':after': { S: after } }),
          },
          Limit: limit - found.length,
          ExclusiveStartKey: from,
        }),
      );
      found.push(...(answer.Items ?? []).map(toEntity));
      from = answer.LastEvaluatedKey;
    } while (found.length < limit && from !== undefined);
    return found;
  }

  private async *levelsOfShard(
    home: EntityHome,
    shard: number,
  ): AsyncGenerator<ReadonlyMap<string, number>, undefined> {
    const pages = paginateQuery(
      { client: this.client },
      {
        TableName: this.table,
        KeyConditionExpression: 'pk = :pk',
        ProjectionExpression: 'uniqueIdentifier, #level',
        ExpressionAttributeNames: { '#level': 'level' },
        ExpressionAttributeValues: { ':pk': { S: shardPartition(home, shard) } },
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of pages) yield new Map(Items.map(toLevel));
  }

  private async get(key: Key): Promise<Item | undefined> {
    const answer = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: marshalled(key), ConsistentRead: true }),
    );
    return answer.Item;
  }
}

interface Key {
  readonly pk: string;
  readonly sk: string;
}

function keyOf(home: EntityHome, uniqueIdentifier: string): Key {
  const entityId = accountEntityIdOf(home.accountId, home.entity, uniqueIdentifier);
  return { pk: entityPartition(home, entityId), sk: entityId };
}

function marshalled({ pk, sk }: Key): Record<string, AttributeValue> {
  return { pk: { S: pk }, sk: { S: sk } };
}

function toLevel(item: Item): [identifier: string, level: number] {
  return [item.uniqueIdentifier?.S as string, Number(item.level?.N ?? 0)];
}

function toEntity(item: Item): SharedEntity {
  return {
    entityId: item.sk?.S as string,
    uniqueIdentifier: item.uniqueIdentifier?.S as string,
    data: JSON.parse(item.data?.S ?? '{}') as RowData,
    parent: item.parent?.S ?? '',
    level: Number(item.level?.N ?? 0),
    referenceId: item.referenceId?.S as string,
    createdAt: item.createdAt?.S as string,
  };
}
