import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { foreignCursor } from '../model/invalid-request.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** A change of one item under a condition. Names are attribute names as they are; values plain JavaScript. */
export interface Change {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  readonly add?: Readonly<Record<string, number>>;
  /** All must hold. A list means one of; `undefined` means absent. */
  readonly when?: Readonly<Record<string, Condition>>;
}
export type Condition = string | number | boolean | undefined | readonly string[] | { readonly absentOr: string };

export interface Page<Item> {
  readonly items: Item[];
  readonly cursor?: string;
}

/**
 * The single table of actions, references, keys and quotas: what all its stores share. Every write that others may
 * compete for carries its condition.
 */
export class ControlTable {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;

  constructor(client: DynamoDBDocumentClient, name: string) {
    this.client = client;
    this.name = name;
  }

  /** A consistent read. */
  async get<Item>(key: ItemKey): Promise<Item | undefined> {
    const answer = await this.client.send(new GetCommand({ TableName: this.name, Key: key, ConsistentRead: true }));
    return answer.Item as Item | undefined;
  }

  /** Creates an item; false when there is one already. */
  async create(item: ItemKey & Record<string, unknown>): Promise<boolean> {
    return unlessRefused(() =>
      this.client.send(
        new PutCommand({ TableName: this.name, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
      ),
    );
  }

  /** Writes an item whatever was there. */
  async put(item: ItemKey & Record<string, unknown>): Promise<void> {
    await this.client.send(new PutCommand({ TableName: this.name, Item: item }));
  }

  async delete(key: ItemKey): Promise<void> {
    await this.client.send(new DeleteCommand({ TableName: this.name, Key: key }));
  }

  /** Changes an item; false when its condition does not hold. */
  async change(key: ItemKey, change: Change): Promise<boolean> {
    return unlessRefused(() =>
      this.client.send(new UpdateCommand({ TableName: this.name, Key: key, ...expressionsOf(change) })),
    );
  }

  /** All items of a partition, or those whose sort key starts with `prefix`; `after`: only those behind that sort key. */
  async *list<Item>(pk: string, prefix?: string, after?: string): AsyncGenerator<Item[]> {
    // Where a page would have ended; whether there is such an item does not matter.
    let from: Record<string, unknown> | undefined = after === undefined ? undefined : { pk, sk: after };
    do {
      const answer = await this.client.send(
        new QueryCommand({
          TableName: this.name,
          // An empty prefix would be refused: no key is empty, so none is compared with nothing.
          KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ...(prefix !== undefined && { ':prefix': prefix }) },
          ConsistentRead: true,
          ExclusiveStartKey: from,
        }),
      );
      yield (answer.Items ?? []) as Item[];
      from = answer.LastEvaluatedKey;
    } while (from !== undefined);
  }

  /**
   * One page of a query, filled up to `limit` although a filter may drop most of what is read. `ownKey` is the index
   * partition that the caller may see: a cursor from elsewhere is refused.
   */
  async page<Item>(
    query: Omit<QueryCommandInput, 'TableName'>,
    limit: number,
    cursor: string | undefined,
    ownKey: readonly [name: string, value: string],
  ): Promise<Page<Item>> {
    const items: Item[] = [];
    const begin = cursor === undefined ? undefined : decodeCursor(cursor, ownKey);
    let from = begin;
    do {
      const answer = await this.query(
        { ...query, Limit: limit - items.length, ExclusiveStartKey: from },
        from !== undefined && from === begin,
      );
      items.push(...((answer.Items ?? []) as Item[]));
      from = answer.LastEvaluatedKey;
    } while (items.length < limit && from !== undefined);
    return { items, ...(from !== undefined && { cursor: encodeCursor(from) }) };
  }

  /** What DynamoDB finds invalid in a query that goes on from a caller's cursor is the cursor: all else is the same each time. */
  private async query(query: Omit<QueryCommandInput, 'TableName'>, fromCursor: boolean): Promise<QueryCommandOutput> {
    try {
      return await this.client.send(new QueryCommand({ TableName: this.name, ...query }));
    } catch (error) {
      if (fromCursor && error instanceof Error && error.name === 'ValidationException') throw foreignCursor();
      throw error;
    }
  }
}

/** The update and condition expressions of a change, also for use in transactions. */
export function expressionsOf(change: Change) {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (label: string, given: unknown) => {
    values[`:${label}`] = given;
    return `:${label}`;
  };

  const clauses: string[] = [];
  const set = Object.entries(change.set ?? {}).filter(([, given]) => given !== undefined);
  if (set.length > 0)
    clauses.push(`SET ${set.map(([key, given]) => `${name(key)} = ${value(`s_${key}`, given)}`).join(', ')}`);
  if (change.remove?.length) clauses.push(`REMOVE ${change.remove.map(name).join(', ')}`);
  const add = Object.entries(change.add ?? {});
  if (add.length > 0)
    clauses.push(`ADD ${add.map(([key, given]) => `${name(key)} ${value(`a_${key}`, given)}`).join(', ')}`);

  const conditions = Object.entries(change.when ?? {}).map(([key, condition]) => {
    if (condition === undefined) return `attribute_not_exists(${name(key)})`;
    if (Array.isArray(condition))
      return `${name(key)} IN (${condition.map((option, i) => value(`w_${key}_${i}`, option)).join(', ')})`;
    if (typeof condition === 'object') {
      const { absentOr } = condition as { absentOr: string };
      return `(attribute_not_exists(${name(key)}) OR ${name(key)} = ${value(`w_${key}`, absentOr)})`;
    }
    return `${name(key)} = ${value(`w_${key}`, condition)}`;
  });
  return {
    UpdateExpression: clauses.join(' '),
    ...(conditions.length > 0 && { ConditionExpression: conditions.join(' AND ') }),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

async function unlessRefused(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function encodeCursor(key: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function decodeCursor(cursor: string, [name, own]: readonly [string, string]): Record<string, unknown> {
  const key = parseCursor(cursor);
  if (key?.[name] !== own) throw foreignCursor();
  return key;
}

function parseCursor(cursor: string): Record<string, unknown> | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return typeof key === 'object' && key !== null && Object.values(key).every((part) => typeof part === 'string')
      ? (key as Record<string, unknown>)
      : undefined;
  } catch {
    // Not ours: the caller answers with the one message for all cursors that are not.
    return undefined;
  }
}
