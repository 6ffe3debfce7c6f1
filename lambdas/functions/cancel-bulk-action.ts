import { cancelBulkAction } from '../operations/cancel-bulk-action.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBucket, openBus, openControl, openExecutions, openSchedules } from '../store/open-stores.ts';

const environment = readEnvironment('cancel-bulk-action');
const stores = {
  ...openControl(environment),
  ...openExecutions(environment),
  ...openBucket(environment),
  ...openBus(environment),
  ...openSchedules(environment),
};

/** POST /api/bulk-actions/{actionId}/cancel: nothing more of the action begins. */
export const handler = httpHandler('cancel-bulk-action', {
  cancelBulkAction: async ({ caller, path }: HttpRequest<{ actionId: string }>) => {
    const { actionId, status, cancelRequestedAt } = await cancelBulkAction(stores, caller, path.actionId);
    return { status: 202, body: { actionId, status, cancelRequestedAt } };
  },
});
