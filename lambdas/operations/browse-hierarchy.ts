import { z } from 'zod';
import { hierarchyLevels } from '../model/hierarchy.ts';
import { ProblemError } from '../model/problem.ts';
import type { EntityIndex, SharedEntity } from '../store/entity-index.ts';
import type { EntityHome } from '../store/entity-keys.ts';
import { decodeCursor, encodeCursor, sortKey } from './cursor.ts';

/** A page of a hierarchy; `cursor` is absent when nothing comes after it. */
export interface EntityPage {
  readonly items: readonly SharedEntity[];
  readonly cursor?: string;
}

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const place = z.object({ after: sortKey });

/** The entity, or a 404: an entity of another account is one that does not exist. */
export async function requireEntity(
  index: EntityIndex,
  home: EntityHome,
  uniqueIdentifier: string,
): Promise<SharedEntity> {
  const entity = await index.find(home, uniqueIdentifier);
  if (entity) return entity;
  throw new ProblemError('not_found', `There is no ${home.entity} ${uniqueIdentifier}.`);
}

/** A page of what stands right under `parent`, in the order of identifiers. */
export async function listChildren(
  index: EntityIndex,
  home: EntityHome,
  parent: string,
  query: PageQuery,
): Promise<EntityPage> {
  await requireEntity(index, home, parent);
  return listFamily(index, home, parent, query);
}

/** A page of what has no parent, in the order of identifiers. */
export function listRoots(index: EntityIndex, home: EntityHome, query: PageQuery): Promise<EntityPage> {
  return listFamily(index, home, '', query);
}

async function listFamily(
  index: EntityIndex,
  home: EntityHome,
  parent: string,
  { limit, cursor }: PageQuery,
): Promise<EntityPage> {
  const list = ['children', home.accountId, home.entity, parent];
  const from = cursor === undefined ? { after: '' } : decodeCursor(place, cursor, ...list);
  // One more than wanted says whether there is another page.
  const found = await index.children(home, parent, { after: from.after, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length === items.length || !last) return { items };
  return { items, cursor: encodeCursor({ after: last.uniqueIdentifier } satisfies z.infer<typeof place>, ...list) };
}

/** All that stands above the entity, the root first. */
export async function listAncestors(
  index: EntityIndex,
  home: EntityHome,
  uniqueIdentifier: string,
): Promise<SharedEntity[]> {
  return ancestorsOf(index, home, await requireEntity(index, home, uniqueIdentifier));
}

/** The entity's ancestors, the root first. At most as many steps as a hierarchy has levels, whatever is stored. */
export async function ancestorsOf(
  index: EntityIndex,
  home: EntityHome,
  { parent }: SharedEntity,
): Promise<SharedEntity[]> {
  const ancestors: SharedEntity[] = [];
  let next = parent;
  while (next !== '' && ancestors.length < hierarchyLevels) {
    const above = await requireEntity(index, home, next);
    ancestors.unshift(above);
    next = above.parent;
  }
  return ancestors;
}
