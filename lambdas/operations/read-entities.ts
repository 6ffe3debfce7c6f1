import { z } from 'zod';
import type { entityListSchema, entitySchema } from '../model/api/entities.ts';
import { shardCount } from '../model/identity.ts';
import { invalidRequest, type RequestError, receivedText } from '../model/invalid-request.ts';
import { ProblemError } from '../model/problem.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { allProcesses } from '../processes/registry.ts';
import type { EntityHome, UniqueValue } from '../store/entity-keys.ts';
import type { EntityListing, StoredEntity } from '../store/entity-listing.ts';
import type { EntityStore } from '../store/entity-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export type EntityView = z.infer<typeof entitySchema>;
export type EntityListView = z.infer<typeof entityListSchema>;

/** A page of a list; all else that a query has are unique fields and their values. */
export interface EntityQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly [field: string]: unknown;
}

interface Stores {
  readonly listing: EntityListing;
  readonly entities: EntityStore;
}

const place = z.strictObject({
  shard: z
    .number()
    .int()
    .min(0)
    .max(shardCount - 1),
  after: z.string().max(64),
});

/** The entity, or a 404: an entity of another account is one that does not exist. */
export async function readEntity({ listing }: Stores, home: EntityHome, entityId: string): Promise<EntityView> {
  const entity = await listing.find(home, entityId);
  if (entity) return view(home, entity);
  throw new ProblemError('not_found', `There is no ${home.entity} ${entityId}.`);
}

/** A page of the account's entities of a kind, or the one that has all the unique values that the query names. */
export async function listEntities(stores: Stores, home: EntityHome, query: EntityQuery): Promise<EntityListView> {
  const { limit, cursor, ...wanted } = query;
  const kind = kindOf(home.entity);
  if (Object.keys(wanted).length > 0) return findEntity(stores, home, valuesOf(kind, wanted));
  const list = ['entities', home.accountId, home.entity];
  const from = cursor === undefined ? { shard: 0, after: '' } : decodeCursor(place, cursor, ...list);
  const { entities, next } = await stores.listing.page(home, from, limit);
  return { items: entities.map((entity) => view(home, entity)), ...(next && { cursor: encodeCursor(next, ...list) }) };
}

async function findEntity(
  { listing, entities }: Stores,
  home: EntityHome,
  values: readonly UniqueValue[],
): Promise<EntityListView> {
  const found = await entities.find(home, values);
  const [entityId, ...others] = new Set(found.values());
  if (entityId === undefined || others.length > 0 || found.size < values.length) return { items: [] };
  const entity = await listing.find(home, entityId);
  return { items: entity ? [view(home, entity)] : [] };
}

/** Any of the processes that make such entities. */
function kindOf(entity: string): ProcessDefinition {
  const process = allProcesses().find((one) => one.entity === entity);
  if (process) return process;
  throw new ProblemError('not_found', `There is no kind of entity called ${entity}.`);
}

/** The values as they are compared: those that a sheet's cell with the same text would have. */
function valuesOf(kind: ProcessDefinition, wanted: Record<string, unknown>): UniqueValue[] {
  const read = Object.entries(wanted).map(([field, text]) => readValue(kind, field, text));
  const errors = read.filter((one) => 'expected' in one);
  if (errors.length > 0) throw invalidRequest(errors);
  return read.filter((one) => 'value' in one);
}

function readValue(
  { entity, entityKeys, row }: ProcessDefinition,
  field: string,
  text: unknown,
): UniqueValue | RequestError {
  const unique = entityKeys?.unique ?? [];
  if (!unique.includes(field)) {
    const expected = `a unique field of ${entity} (${unique.join(', ') || 'there are none'})`;
    return { in: 'query', path: field, expected, received: receivedText(field) };
  }
  const { data, error } = row.shape[field]?.safeParse(text) ?? {};
  if (typeof data === 'string') return { field, value: data };
  const expected = error?.issues[0]?.message.replace(/^expected /, '') ?? 'a value';
  return { in: 'query', path: field, expected, received: receivedText(text) };
}

function view({ entity }: EntityHome, { entityId, data, ...rest }: StoredEntity): EntityView {
  return { entityId, entity, data, ...rest };
}
