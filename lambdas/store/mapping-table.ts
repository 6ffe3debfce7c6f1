import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateQuery,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { shardCount, shardOf } from '../model/identity.ts';
import {
  addMappingFigures,
  type Mapping,
  type MappingFigures,
  type MappingPair,
  type MappingScope,
  type MappingStatus,
  mappingFigures,
  mappingIdOf,
  mappingTransitions,
  noMappings,
  openMappingStatuses,
} from '../model/mapping.ts';
import { concurrently } from './concurrently.ts';
import { type Item, readItems } from './read-items.ts';
import { runStatements, type Statement } from './statements.ts';

/** Whose row a mapping belongs to, and the action that asked for it. */
export interface MappingOrigin {
  readonly processName: string;
  readonly actionId: string;
}

/** A pair that was attached under an id. */
export interface Attached extends MappingPair {
  readonly mappingId: string;
}

/** A pair that something is left to be done about. */
export interface OpenMapping extends MappingPair {
  readonly processName: string;
  readonly status: 'to_be_mapped' | 'to_be_detached';
}

/** Where in the scope's partitions a page ended. */
export interface MappingPosition {
  readonly shard: number;
  /** The sort key of the last mapping read; absent at the partition's start. */
  readonly after?: string;
}

const attributes = ['sk', 'processName', 'status', 'mappingId', 'attempts', 'lastError', 'revision', 'generation'];
const updatesAtATime = 16;
const nothing: AttributeValue = { NULL: true };

/**
 * Which entity is, or is to be, mapped to which boundary. PK `accountId#referenceId#type#shard`, SK
 * `uniqueIdentifier#boundaryCode`. Every change carries the condition that what was seen still holds. Attributes that most
 * mappings never need (`attempts`, `lastError`, `revision`, `generation`) are absent until they do: a million items are
 * written anew at each change of status, and each attribute is paid for in bytes and time.
 */
export class MappingTable {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /** Inserts pairs as `to_be_mapped`; false for each that was there already. */
  async insert(scope: MappingScope, origin: MappingOrigin, pairs: readonly MappingPair[]): Promise<boolean[]> {
    // The id that the registry will give is written down ahead, so that mapping the pair is one write; see `setMapped`.
    return this.insertAs(
      scope,
      origin,
      'to_be_mapped',
      pairs.map((pair) => ({ ...pair, mappingId: mappingIdOf(scope, pair) })),
    );
  }

  /** Inserts pairs that nobody wants any more but that were attached, as `to_be_detached`. */
  async insertToDetach(scope: MappingScope, processName: string, pairs: readonly Attached[]): Promise<boolean[]> {
    return this.insertAs(scope, { processName, actionId: null }, 'to_be_detached', pairs);
  }

  /** All mappings of one identifier. */
  async ofIdentifier(scope: MappingScope, uniqueIdentifier: string): Promise<Mapping[]> {
    const found: Mapping[] = [];
    const pages = this.query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: {
        ':pk': { S: partitionKey(scope, uniqueIdentifier) },
        ':prefix': { S: sortKey({ uniqueIdentifier, boundaryCode: '' }) },
      },
    });
    for await (const items of pages) found.push(...items.map((item) => toMapping(scope, item)));
    return found;
  }

  /** The mappings of the pairs, in their order; undefined for each that is not there. */
  async read(scope: MappingScope, pairs: readonly MappingPair[]): Promise<(Mapping | undefined)[]> {
    const keys = pairs.map((pair) => keyOf(scope, pair));
    const options = { table: this.table, keys, attributes, consistent: true };
    const items = await readItems(this.client, options);
    const bySortKey = new Map(items.map((item) => [item.sk?.S, item]));
    return pairs.map((pair) => {
      const item = bySortKey.get(sortKey(pair));
      return item && toMapping(scope, item);
    });
  }

  /**
   * Changes what is to be done about a mapping. False when it is not as it was `seen` any more.
   * @throws TypeError for a change that is no transition
   */
  change(
    scope: MappingScope,
    seen: Mapping,
    to: MappingStatus,
    { actionId, mappingId = seen.mappingId }: { actionId?: string; mappingId?: string | null } = {},
  ): Promise<boolean> {
    if (!mappingTransitions[seen.status].includes(to)) throw new TypeError(`${seen.status} cannot become ${to}`);
    const comesBack = seen.status === 'detached' && to === 'to_be_mapped';
    return unlessRefused(() =>
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: keyOf(scope, seen),
          UpdateExpression: `SET #status = :to, mappingId = :id, revision = :next, generation = :generation, attempts = :zero, updatedAt = :now${actionId === undefined ? '' : ', actionId = :action'} REMOVE lastError`,
          ConditionExpression: asSeen(seen),
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ...seenValues(seen),
            ':to': { S: to },
            ':id': textOrNothing(mappingId),
            ':next': { N: String(seen.revision + 1) },
            ':generation': { N: String(seen.generation + (comesBack ? 1 : 0)) },
            ':zero': { N: '0' },
            ':now': { S: new Date().toISOString() },
            ...(actionId !== undefined && { ':action': { S: actionId } }),
          },
        }),
      ),
    );
  }

  /** Removes a mapping that was never made. False when it is not as it was `seen` any more. */
  remove(scope: MappingScope, seen: Mapping): Promise<boolean> {
    return unlessRefused(() =>
      this.client.send(
        new DeleteItemCommand({
          TableName: this.table,
          Key: keyOf(scope, seen),
          ConditionExpression: asSeen(seen),
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: seenValues(seen),
        }),
      ),
    );
  }

  /**
   * Notes that pairs which are to be mapped are, under the ids given. False for each that was not to be mapped any more.
   * Where the id is the one that was foreseen, only the status changes.
   */
  async setMapped(scope: MappingScope, pairs: readonly Attached[]): Promise<boolean[]> {
    const where = `WHERE pk=? AND sk=? AND "status"='to_be_mapped'`;
    const setStatus = `UPDATE "${this.table}" SET "status"='mapped' ${where}`;
    const asForeseen = await this.applied(
      pairs.filter((pair) => pair.mappingId === mappingIdOf(scope, pair)),
      (pair) => ({
        Statement: `${setStatus} AND "mappingId"=?`,
        Parameters: [...keyParameters(scope, pair), { S: pair.mappingId }],
      }),
    );
    const others = pairs.filter((pair) => !asForeseen.has(pair));
    // The id comes first, so that a mapping which says `mapped` has it.
    await this.applied(others, (pair) => ({
      Statement: `UPDATE "${this.table}" SET "mappingId"=? ${where}`,
      Parameters: [{ S: pair.mappingId }, ...keyParameters(scope, pair)],
    }));
    const withId = await this.applied(others, (pair) => ({
      Statement: setStatus,
      Parameters: keyParameters(scope, pair),
    }));
    return pairs.map((pair) => asForeseen.has(pair) || withId.has(pair));
  }

  /**
   * Notes that pairs which are to be detached are. The id goes last, since without it a detachment could not be tried
   * again. False for each that was not to be detached any more.
   */
  async setDetached(scope: MappingScope, pairs: readonly MappingPair[]): Promise<boolean[]> {
    const where = (status: MappingStatus) => `WHERE pk=? AND sk=? AND "status"='${status}'`;
    const outcomes = await runStatements(
      this.client,
      pairs.map((pair) => ({
        Statement: `UPDATE "${this.table}" SET "status"='detached' ${where('to_be_detached')}`,
        Parameters: keyParameters(scope, pair),
      })),
    );
    await runStatements(
      this.client,
      pairs.map((pair) => ({
        Statement: `UPDATE "${this.table}" SET "mappingId"=? ${where('detached')}`,
        Parameters: [nothing, ...keyParameters(scope, pair)],
      })),
    );
    return outcomes.map((outcome) => outcome === 'applied');
  }

  /** Notes failed attempts and why; what is not to be mapped or detached any more stays as it is. */
  async noteFailures(
    scope: MappingScope,
    failures: readonly { readonly pair: MappingPair; readonly message: string }[],
  ): Promise<void> {
    await concurrently(failures, updatesAtATime, ({ pair, message }) =>
      unlessRefused(() =>
        this.client.send(
          new UpdateItemCommand({
            TableName: this.table,
            Key: keyOf(scope, pair),
            UpdateExpression: 'SET lastError = :error, updatedAt = :now ADD attempts :one',
            ConditionExpression: '#status IN (:map, :detach)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':error': { S: message },
              ':now': { S: new Date().toISOString() },
              ':one': { N: '1' },
              ':map': { S: 'to_be_mapped' },
              ':detach': { S: 'to_be_detached' },
            },
          }),
        ),
      ),
    );
  }

  /**
   * Hands every mapping of the scope that is to be mapped or detached to `take`, with what a list of them needs, page by
   * page, some partitions at a time.
   */
  async eachOpen(scope: MappingScope, take: (mappings: OpenMapping[]) => Promise<void>): Promise<void> {
    await this.eachPage(
      scope,
      {
        FilterExpression: '#status IN (:map, :detach)',
        ProjectionExpression: 'sk, processName, #status',
        ExpressionAttributeValues: { ':map': { S: 'to_be_mapped' }, ':detach': { S: 'to_be_detached' } },
      },
      (items) => take(items.map((item) => toOpenMapping(item))),
    );
  }

  /** Counts the scope's mappings by status. */
  async count(scope: MappingScope): Promise<MappingFigures> {
    let figures = noMappings;
    await this.eachPage(scope, { ProjectionExpression: '#status, attempts' }, async (items) => {
      figures = addMappingFigures(figures, mappingFigures(items.map((item) => toStanding(item))));
    });
    return figures;
  }

  /**
   * At most `limit` mappings of one partition that pass the filter, perhaps none, from one read of at most 1 MB; `next`
   * is where to go on, absent after the last partition.
   */
  async page(
    scope: MappingScope,
    { shard, after }: MappingPosition,
    filter: { readonly status?: MappingStatus; readonly boundaryCode?: string },
    limit: number,
  ): Promise<{ readonly mappings: Mapping[]; readonly next?: MappingPosition }> {
    const pk = { S: shardKey(scope, shard) };
    const { status, boundaryCode } = filter;
    const answer = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: 'pk = :pk',
        ...(status !== undefined && {
          FilterExpression: '#status = :status',
          ExpressionAttributeNames: { '#status': 'status' },
        }),
        ExpressionAttributeValues: { ':pk': pk, ...(status !== undefined && { ':status': { S: status } }) },
        // With a filter most of what is read may be dropped, so without a limit of its own it reads 1 MB a call.
        ...(status === undefined && boundaryCode === undefined && { Limit: limit }),
        ...(after !== undefined && { ExclusiveStartKey: { pk, sk: { S: after } } }),
      }),
    );
    const read = answer.Items ?? [];
    const passing = read.filter((item) => boundaryCode === undefined || pairOf(item).boundaryCode === boundaryCode);
    const items = passing.slice(0, limit);
    const mappings = items.map((item) => toMapping(scope, item));
    const last = items.length < passing.length ? items.at(-1)?.sk?.S : answer.LastEvaluatedKey?.sk?.S;
    if (last !== undefined) return { mappings, next: { shard, after: last } };
    return shard + 1 < shardCount ? { mappings, next: { shard: shard + 1 } } : { mappings };
  }

  private async insertAs(
    scope: MappingScope,
    { processName, actionId }: Omit<MappingOrigin, 'actionId'> & { readonly actionId: string | null },
    status: MappingStatus,
    pairs: readonly (MappingPair & { readonly mappingId: string | null })[],
  ): Promise<boolean[]> {
    const statement = `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?,'processName':?,'status':?,'mappingId':?,'actionId':?}`;
    const outcomes = await runStatements(
      this.client,
      pairs.map((pair) => ({
        Statement: statement,
        Parameters: [
          ...keyParameters(scope, pair),
          { S: processName },
          { S: status },
          textOrNothing(pair.mappingId),
          textOrNothing(actionId),
        ],
      })),
    );
    return outcomes.map((outcome) => outcome === 'applied');
  }

  /** Runs a statement for each pair; the answer is those whose condition held. */
  private async applied<Pair>(pairs: readonly Pair[], statementOf: (pair: Pair) => Statement): Promise<Set<Pair>> {
    const outcomes = await runStatements(this.client, pairs.map(statementOf));
    return new Set(pairs.filter((_, index) => outcomes[index] === 'applied'));
  }

  private async eachPage(
    scope: MappingScope,
    input: Pick<QueryCommandInput, 'FilterExpression' | 'ProjectionExpression' | 'ExpressionAttributeValues'>,
    take: (items: Item[]) => Promise<void>,
  ): Promise<void> {
    const shards = Array.from({ length: shardCount }, (_, shard) => shard);
    // All at a time: of a small reference each has one page, and the answer to all is there as soon as that to one.
    await concurrently(shards, shardCount, async (shard) => {
      const pages = this.query({
        ...input,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ':pk': { S: shardKey(scope, shard) } },
      });
      for await (const items of pages) await take(items);
    });
  }

  private async *query(input: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<Item[]> {
    const pages = paginateQuery({ client: this.client }, { TableName: this.table, ConsistentRead: true, ...input });
    for await (const page of pages) yield page.Items ?? [];
  }
}

function shardKey({ accountId, referenceId, type }: MappingScope, shard: number): string {
  return `${accountId}#${referenceId}#${type}#${shard}`;
}

function partitionKey(scope: MappingScope, uniqueIdentifier: string): string {
  return shardKey(scope, shardOf(uniqueIdentifier));
}

/** The first `#` parts the two, so an identifier must not have one of its own. */
function sortKey({ uniqueIdentifier, boundaryCode }: MappingPair): string {
  return `${uniqueIdentifier.replaceAll('%', '%25').replaceAll('#', '%23')}#${boundaryCode}`;
}

function keyOf(scope: MappingScope, pair: MappingPair): Item {
  return { pk: { S: partitionKey(scope, pair.uniqueIdentifier) }, sk: { S: sortKey(pair) } };
}

function keyParameters(scope: MappingScope, pair: MappingPair): AttributeValue[] {
  return Object.values(keyOf(scope, pair));
}

function textOrNothing(text: string | null): AttributeValue {
  return text === null ? nothing : { S: text };
}

function pairOf({ sk }: Item): MappingPair {
  const text = sk?.S as string;
  const end = text.indexOf('#');
  const uniqueIdentifier = text.slice(0, end).replaceAll('%23', '#').replaceAll('%25', '%');
  return { uniqueIdentifier, boundaryCode: text.slice(end + 1) };
}

/** The condition that a mapping is as it was seen. */
function asSeen({ revision }: Mapping): string {
  return `#status = :from AND ${revision === 0 ? 'attribute_not_exists(revision)' : 'revision = :revision'}`;
}

function seenValues({ status, revision }: Mapping): Record<string, AttributeValue> {
  return { ':from': { S: status }, ...(revision > 0 && { ':revision': { N: String(revision) } }) };
}

function toOpenMapping(item: Item): OpenMapping {
  return {
    ...pairOf(item),
    processName: item.processName?.S as string,
    status: item.status?.S as OpenMapping['status'],
  };
}

/** Attempts of an earlier status are no attempts of this one. */
function toStanding(item: Item): Pick<Mapping, 'status' | 'attempts'> {
  const status = item.status?.S as MappingStatus;
  return { status, attempts: openMappingStatuses.includes(status) ? Number(item.attempts?.N ?? 0) : 0 };
}

/** What an earlier status has left behind on the item is no part of the mapping. */
function toMapping({ type }: MappingScope, item: Item): Mapping {
  const { status, attempts } = toStanding(item);
  const isOpen = openMappingStatuses.includes(status);
  const isAttached = status === 'mapped' || status === 'to_be_detached';
  return {
    ...pairOf(item),
    type,
    processName: item.processName?.S as string,
    status,
    mappingId: (isAttached && item.mappingId?.S) || null,
    attempts,
    ...(isOpen && item.lastError?.S !== undefined && { lastError: item.lastError.S }),
    revision: Number(item.revision?.N ?? 0),
    generation: Number(item.generation?.N ?? 0),
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
