import {
  listAncestors,
  listChildren,
  listRoots,
  type PageQuery,
  requireEntity,
} from '../operations/browse-hierarchy.ts';
import { type DescendantsQuery, listDescendants } from '../operations/list-descendants.ts';
import { boundary, viewBoundaries, viewBoundary } from '../operations/view-boundary.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openRegistry } from '../store/open-stores.ts';

const { entityIndex } = openRegistry(readEnvironment('read-boundaries'));

type OneBoundary<Query = unknown> = HttpRequest<{ code: string }, Query>;

/** GET /api/boundaries…: the account's hierarchy of boundaries. */
export const handler = httpHandler('read-boundaries', {
  listRootBoundaries: async ({ caller, query }: HttpRequest<unknown, PageQuery>) => ({
    status: 200,
    body: viewBoundaries(await listRoots(entityIndex, homeOf(caller), query)),
  }),
  getBoundary: async ({ caller, path }: OneBoundary) => ({
    status: 200,
    body: viewBoundary(await requireEntity(entityIndex, homeOf(caller), path.code)),
  }),
  listChildBoundaries: async ({ caller, path, query }: OneBoundary<PageQuery>) => ({
    status: 200,
    body: viewBoundaries(await listChildren(entityIndex, homeOf(caller), path.code, query)),
  }),
  listAncestorBoundaries: async ({ caller, path }: OneBoundary) => ({
    status: 200,
    body: viewBoundaries({ items: await listAncestors(entityIndex, homeOf(caller), path.code) }),
  }),
  listDescendantBoundaries: async ({ caller, path, query }: OneBoundary<DescendantsQuery>) => ({
    status: 200,
    body: viewBoundaries(await listDescendants(entityIndex, homeOf(caller), path.code, query)),
  }),
});

function homeOf({ accountId }: { accountId: string }) {
  return { accountId, entity: boundary };
}
