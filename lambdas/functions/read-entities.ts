import { type EntityQuery, listEntities, readEntity } from '../operations/read-entities.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openEntityListing, openRegistry } from '../store/open-stores.ts';

const environment = readEnvironment('read-entities');
const stores = { ...openRegistry(environment), ...openEntityListing(environment) };

/** GET /api/entities…: what actions have made. */
export const handler = httpHandler('read-entities', {
  listEntities: async ({ caller, path, query }: HttpRequest<{ entity: string }, EntityQuery>) => ({
    status: 200,
    body: await listEntities(stores, { accountId: caller.accountId, entity: path.entity }, query),
  }),
  getEntity: async ({ caller, path }: HttpRequest<{ entity: string; entityId: string }>) => ({
    status: 200,
    body: await readEntity(stores, { accountId: caller.accountId, entity: path.entity }, path.entityId),
  }),
});
