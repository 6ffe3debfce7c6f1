import { listMappings, type MappingsQuery } from '../operations/list-mappings.ts';
import { viewReference } from '../operations/view-reference.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openControl, openMapping } from '../store/open-stores.ts';

const environment = readEnvironment('read-references');
const stores = { ...openControl(environment), ...openMapping(environment) };

type OneReference<Query = unknown> = HttpRequest<{ referenceId: string }, Query>;

/** GET /api/references/{referenceId}…: what a reference holds. */
export const handler = httpHandler('read-references', {
  getReference: async ({ caller, path }: OneReference) => ({
    status: 200,
    body: await viewReference(stores, caller.accountId, path.referenceId),
  }),
  listMappings: async ({ caller, path, query }: OneReference<MappingsQuery>) => ({
    status: 200,
    body: await listMappings(stores, { accountId: caller.accountId, referenceId: path.referenceId }, query),
  }),
});
