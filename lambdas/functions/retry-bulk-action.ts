import { retryBulkAction } from '../operations/retry-bulk-action.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBus, openControl, openExecutions } from '../store/open-stores.ts';

const environment = readEnvironment('retry-bulk-action');
const stores = { ...openControl(environment), ...openExecutions(environment), ...openBus(environment) };

/** POST /api/bulk-actions/{actionId}/retry: the failed rows of an ended action run again. */
export const handler = httpHandler('retry-bulk-action', {
  retryBulkAction: async ({ caller, path }: HttpRequest<{ actionId: string }>) => {
    const action = await retryBulkAction(stores, caller, path.actionId, environment.DEADLINE_SECONDS);
    return { status: 202, body: { actionId: action.actionId, status: action.status } };
  },
});
