import { z } from 'zod';
import { hierarchyLevels } from '../model/hierarchy.ts';
import { foreignCursor } from '../model/invalid-request.ts';
import type { EntityIndex, SharedEntity } from '../store/entity-index.ts';
import type { EntityHome } from '../store/entity-keys.ts';
import { ancestorsOf, type EntityPage, type PageQuery, requireEntity } from './browse-hierarchy.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export interface DescendantsQuery extends PageQuery {
  /** Levels below the entity at most. */
  readonly depth: number;
}

/** Families read for one page: some seconds. With many childless parents a page may be short and still have a cursor. */
const familiesAPage = 200;

/**
 * All of lower depth has been told, and of this depth what comes up to `after` or stands below it; `any` when that was
 * somebody.
 */
const placeSchema = z.strictObject({
  depth: z.number().int().min(1).max(hierarchyLevels),
  after: z.string(),
  any: z.boolean(),
});
type Place = z.infer<typeof placeSchema>;
const firstPlace: Place = { depth: 1, after: '', any: false };

/**
 * A page of all that stands below an entity, level by level (breadth first), within a level in the order of the parents,
 * under one parent in the order of identifiers. Each level is walked anew from the entity down, so that a page needs
 * nothing of the pages before but the place where they ended.
 */
export async function listDescendants(
  index: EntityIndex,
  home: EntityHome,
  uniqueIdentifier: string,
  { depth, limit, cursor }: DescendantsQuery,
): Promise<EntityPage> {
  await requireEntity(index, home, uniqueIdentifier);
  const list = ['descendants', home.accountId, home.entity, uniqueIdentifier];
  let place: Place = cursor === undefined ? firstPlace : decodeCursor(placeSchema, cursor, ...list);
  const families = new Families(index, home, limit);
  const items: SharedEntity[] = [];
  for (let path = await pathTo(index, home, uniqueIdentifier, place); place.depth <= depth; path = []) {
    for await (const { entity, passed } of walk(families, uniqueIdentifier, place.depth, path)) {
      if (entity) items.push(entity);
      place = { ...place, after: passed, any: place.any || entity !== undefined };
      if (items.length === limit || families.read >= familiesAPage)
        return { items, cursor: encodeCursor(place, ...list) };
    }
    // A level without anybody has none below it.
    if (!place.any) break;
    place = { ...place, depth: place.depth + 1, after: '', any: false };
  }
  return { items };
}

/** The identifiers on the way from below the entity `of` to where its page ended. */
async function pathTo(index: EntityIndex, home: EntityHome, of: string, { after }: Place): Promise<string[]> {
  if (after === '') return [];
  const entity = await requireEntity(index, home, after);
  const way = [...(await ancestorsOf(index, home, entity)), entity].map((one) => one.uniqueIdentifier);
  const start = way.indexOf(of);
  if (start < 0) throw foreignCursor();
  return way.slice(start + 1);
}

/** `passed` and all below it has been walked; `entity` is there when it is of the depth that is looked for. */
interface Step {
  readonly entity?: SharedEntity;
  readonly passed: string;
}

/**
 * Walks over all that stands exactly `depth` below `parent`, from behind the end of `path`. Recurses as deep as a hierarchy
 * may be and no deeper.
 */
async function* walk(
  families: Families,
  parent: string,
  depth: number,
  [first = '', ...further]: readonly string[],
): AsyncGenerator<Step> {
  if (further.length > 0) {
    yield* walk(families, first, depth - 1, further);
    yield { passed: first };
  }
  for await (const child of families.children(parent, first)) {
    const passed = child.uniqueIdentifier;
    if (depth === 1) {
      yield { entity: child, passed };
    } else {
      yield* walk(families, passed, depth - 1, []);
      yield { passed };
    }
  }
}

/** Reads families, and counts the reads. */
class Families {
  read = 0;
  private readonly index: EntityIndex;
  private readonly home: EntityHome;
  private readonly pageSize: number;

  constructor(index: EntityIndex, home: EntityHome, pageSize: number) {
    this.index = index;
    this.home = home;
    this.pageSize = pageSize;
  }

  /** The children of an entity that come after one of them. */
  async *children(parent: string, after: string): AsyncGenerator<SharedEntity> {
    let last: string | undefined = after;
    while (last !== undefined) {
      this.read += 1;
      const page: SharedEntity[] = await this.index.children(this.home, parent, { after: last, limit: this.pageSize });
      yield* page;
      last = page.length === this.pageSize ? page.at(-1)?.uniqueIdentifier : undefined;
    }
  }
}
