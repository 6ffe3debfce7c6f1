import { viewAccountStats } from '../operations/view-account-stats.ts';
import { viewStats } from '../operations/view-stats.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBucket, openControl, openQueueLengths } from '../store/open-stores.ts';

const environment = readEnvironment('read-stats');
const stores = { ...openControl(environment), ...openBucket(environment), ...openQueueLengths(environment) };

/** GET …/stats: the figures of an action, and of an account. */
export const handler = httpHandler('read-stats', {
  getActionStats: async ({ caller, path }: HttpRequest<{ actionId: string }>) => {
    const action = await stores.actions.get(caller.accountId, path.actionId);
    return { status: 200, body: await viewStats(stores, action) };
  },
  getAccountStats: async ({ caller }: HttpRequest) => {
    return { status: 200, body: await viewAccountStats(stores, caller.accountId) };
  },
});
