import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { concurrently } from './concurrently.ts';
import { type Item, type ReadOptions, readItems, readingOf } from './read-items.ts';

/** With fewer keys in a partition a query of their own costs more than it saves. */
const leastNeighbours = 10;
/** A query gives up after so many items for each that is wanted: they are no neighbours then. */
const itemsAKey = 2;
const queriesAtATime = 4;

/**
 * Reads items by key, as `readItems` does, where most of a partition's are expected to stand side by side: one query
 * from the first to the last of them costs a fraction of as many reads by key. Where others stand between them, the rest
 * is read by key. Needs `sk` among the attributes.
 */
export async function readNeighbours(client: DynamoDBClient, options: ReadOptions): Promise<Item[]> {
  const groups = [...Map.groupBy(options.keys, ({ pk }) => pk?.S).values()];
  const crowds = groups.filter((keys) => keys.length >= leastNeighbours);
  const ranges = await concurrently(crowds, queriesAtATime, (keys) => readRange(client, options, keys));
  const few = groups.filter((keys) => keys.length < leastNeighbours);
  const byKey = await readItems(client, { ...options, keys: [...few, ...ranges.map(({ unread }) => unread)].flat() });
  return [...ranges.flatMap(({ items }) => items), ...byKey];
}

/** The items of one partition that one query comes by, and the keys that it did not get to. */
async function readRange(
  client: DynamoDBClient,
  options: ReadOptions,
  keys: readonly Item[],
): Promise<{ readonly items: Item[]; readonly unread: readonly Item[] }> {
  const sorted = keys.toSorted(bySortKey);
  const answer = await client.send(
    new QueryCommand({
      ...readingOf(options),
      TableName: options.table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':pk': sorted[0]?.pk,
        ':first': sorted[0]?.sk,
        ':last': sorted.at(-1)?.sk,
      } as Item,
      Limit: itemsAKey * keys.length,
    }),
  );
  const wanted = new Set(keys.map(({ sk }) => sk?.S));
  const reached = answer.LastEvaluatedKey;
  return {
    items: (answer.Items ?? []).filter(({ sk }) => wanted.has(sk?.S)),
    unread: reached ? sorted.filter((key) => bySortKey(key, reached) > 0) : [],
  };
}

/** DynamoDB's order: that of the UTF-8 bytes. */
function bySortKey({ sk: one }: Item, { sk: other }: Item): number {
  return Buffer.compare(Buffer.from(one?.S ?? ''), Buffer.from(other?.S ?? ''));
}
