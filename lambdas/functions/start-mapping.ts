import { startMapping } from '../operations/start-mapping.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openControl, openMappingExecutions } from '../store/open-stores.ts';

const environment = readEnvironment('start-mapping');
const stores = { ...openControl(environment), ...openMappingExecutions(environment) };

/** POST /api/references/{referenceId}/mapping: what is left to be mapped is tried again. */
export const handler = httpHandler('start-mapping', {
  startMapping: async ({ caller, path }: HttpRequest<{ referenceId: string }>) => {
    const reference = { accountId: caller.accountId, referenceId: path.referenceId };
    return { status: 202, body: await startMapping(stores, reference, environment.DEADLINE_SECONDS) };
  },
});
