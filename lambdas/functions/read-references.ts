import { viewReference } from '../operations/view-reference.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openControl } from '../store/open-stores.ts';

const { references } = openControl(readEnvironment('read-references'));

/** GET /api/references/{referenceId}: what a reference holds. */
export const handler = httpHandler('read-references', {
  getReference: async ({ caller, path }: HttpRequest<{ referenceId: string }>) => ({
    status: 200,
    body: await viewReference(references, caller.accountId, path.referenceId),
  }),
});
