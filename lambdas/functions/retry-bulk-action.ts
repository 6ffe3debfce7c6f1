import type { RetrySelection } from '../model/retry-selection.ts';
import { retryBulkAction } from '../operations/retry-bulk-action.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBucket, openBus, openControl, openExecutions } from '../store/open-stores.ts';

const environment = readEnvironment('retry-bulk-action');
const stores = {
  ...openControl(environment),
  ...openExecutions(environment),
  ...openBucket(environment),
  ...openBus(environment),
};

type RetryRequest = HttpRequest<{ actionId: string }, unknown, RetrySelection | undefined>;

/** POST /api/bulk-actions/{actionId}/retry: the failed rows of an ended action run again. */
export const handler = httpHandler('retry-bulk-action', {
  retryBulkAction: async ({ caller, path, body }: RetryRequest) => {
    const options = { selection: body, deadlineSeconds: environment.DEADLINE_SECONDS };
    const action = await retryBulkAction(stores, caller, path.actionId, options);
    return { status: 202, body: { actionId: action.actionId, status: action.status } };
  },
});
