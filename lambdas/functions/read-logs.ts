import { type LogsQuery, listLogs } from '../operations/list-logs.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBucket, openControl } from '../store/open-stores.ts';

const environment = readEnvironment('read-logs');
const { actions, earlierRuns, bucket } = { ...openControl(environment), ...openBucket(environment) };

/** GET /api/bulk-actions/{actionId}/logs: what happened to an action and its rows. */
export const handler = httpHandler('read-logs', {
  listLogs: async ({ caller, path, query }: HttpRequest<{ actionId: string }, LogsQuery>) => {
    const action = await actions.get(caller.accountId, path.actionId);
    return { status: 200, body: await listLogs({ bucket, earlierRuns }, action, query) };
  },
});
