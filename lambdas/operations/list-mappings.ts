import { z } from 'zod';
import type { listMappingsQuerySchema, mappingListSchema } from '../model/api.ts';
import { shardCount } from '../model/identity.ts';
import { type Mapping, type MappingType, mappingTypes } from '../model/mapping.ts';
import type { MappingPosition, MappingTable } from '../store/mapping-table.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { decodeCursor, encodeCursor, sortKey } from './cursor.ts';

export type MappingsQuery = z.output<typeof listMappingsQuerySchema>;
export type MappingListView = z.infer<typeof mappingListSchema>;

/** Reads of the table in one request: with a rare boundary it answers with what it has found, and a cursor to go on. */
const readsARequest = 100;

const placeSchema = z.object({
  type: z.enum(mappingTypes),
  shard: z
    .number()
    .int()
    .min(0)
    .max(shardCount - 1),
  after: sortKey.optional(),
});

/** Where a page begins. */
interface Place extends MappingPosition {
  readonly type: MappingType;
}

interface Stores {
  readonly mapping: MappingTable;
  readonly references: ReferenceStore;
}

/**
 * A page of a reference's mappings, in no order that means anything. With a filter a page may be short, even empty, and
 * still have a cursor: the rest is behind it.
 */
export async function listMappings(
  { mapping, references }: Stores,
  reference: { accountId: string; referenceId: string },
  query: MappingsQuery,
): Promise<MappingListView> {
  const types = query.type === undefined ? mappingTypes : [query.type];
  const list = ['mappings', reference.accountId, reference.referenceId, query.type ?? ''];
  const items: Mapping[] = [];
  let place: Place | undefined = placeOf(query.cursor, list) ?? { type: types[0] as MappingType, shard: 0 };
  await references.existing(reference.accountId, reference.referenceId);
  for (let reads = 0; place !== undefined && items.length < query.limit && reads < readsARequest; reads++) {
    const { type }: Place = place;
    const page = await mapping.page({ ...reference, type }, place, query, query.limit - items.length);
    items.push(...page.mappings);
    place = page.next ? { ...page.next, type } : firstPlaceAfter(types, type);
  }
  return { items: items.map(viewMapping), ...(place && { cursor: encodeCursor(place, ...list) }) };
}

function firstPlaceAfter(types: readonly MappingType[], type: MappingType): Place | undefined {
  const next = types[types.indexOf(type) + 1];
  return next && types.includes(type) ? { type: next, shard: 0 } : undefined;
}

/** The mapping less what is nobody's business outside. */
function viewMapping({ revision, generation, processName, ...mapping }: Mapping): MappingListView['items'][number] {
  return mapping;
}

function placeOf(cursor: string | undefined, list: string[]): Place | undefined {
  if (cursor === undefined) return undefined;
  const { type, shard, after } = decodeCursor(placeSchema, cursor, ...list);
  return { type, shard, ...(after !== undefined && { after }) };
}
