import type { AttributeValue, BatchGetItemCommandOutput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { callInBulk } from './bulk-calls.ts';
import { concurrently, pause, pieces } from './concurrently.ts';

export type Item = Record<string, AttributeValue>;

/** BatchGetItem takes 100 keys. */
const keysACall = 100;
const callsAtATime = 4;

export interface ReadOptions {
  readonly table: string;
  readonly keys: readonly Item[];
  /** Attributes to fetch, by name. */
  readonly attributes: readonly string[];
  /** A consistent read costs twice as much. */
  readonly consistent: boolean;
}

/** Reads many items by key, each once; missing ones are absent from the answer, which is in no order. */
export async function readItems(client: DynamoDBClient, options: ReadOptions): Promise<Item[]> {
  const found = await concurrently(pieces(distinct(options.keys), keysACall), callsAtATime, (keys) =>
    readPiece(client, options, keys),
  );
  return found.flat();
}

/** BatchGetItem refuses a key that comes twice, e.g. that of a row with several boundaries. */
function distinct(keys: readonly Item[]): Item[] {
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}

/** What a request says of how to read, be it by key or by range. */
export function readingOf({ attributes, consistent }: ReadOptions) {
  const names = Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name]));
  return {
    ProjectionExpression: Object.keys(names).join(', '),
    ExpressionAttributeNames: names,
    ConsistentRead: consistent,
  };
}

async function readPiece(client: DynamoDBClient, options: ReadOptions, keys: Item[]): Promise<Item[]> {
  const found: Item[] = [];
  const request = readingOf(options);
  let open = keys;
  for (let round = 0; open.length > 0; round++) {
    // DynamoDB hands back what it had no capacity for; it is asked again more and more slowly.
    if (round > 0) await pause(Math.random() * 50 * 2 ** Math.min(round, 6));
    const input = { RequestItems: { [options.table]: { ...request, Keys: open } } };
    const answer = await callInBulk<BatchGetItemCommandOutput>(client, { operation: 'BatchGetItem', input });
    found.push(...(answer.Responses?.[options.table] ?? []));
    open = answer.UnprocessedKeys?.[options.table]?.Keys ?? [];
  }
  return found;
}
