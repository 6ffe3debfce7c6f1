import type { z } from 'zod';
import type { UndoQuery } from '../model/api/lifecycle.ts';
import type { listBulkActionsQuerySchema } from '../model/api.ts';
import { actionEvents } from '../operations/action-events.ts';
import { linkReport } from '../operations/link-report.ts';
import { listRows, type RowsQuery } from '../operations/list-rows.ts';
import { listUndo } from '../operations/list-undo.ts';
import { viewBulkAction, viewLive } from '../operations/view-bulk-action.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBucket, openControl } from '../store/open-stores.ts';

const environment = readEnvironment('read-bulk-actions');
const { actions, bucket } = { ...openControl(environment), ...openBucket(environment) };

const reportTimes = { expirySeconds: environment.UPLOAD_EXPIRY_SECONDS, reportDays: environment.REPORT_DAYS };

type OneAction<Query = unknown> = HttpRequest<{ actionId: string }, Query>;
type ListRequest = HttpRequest<unknown, z.output<typeof listBulkActionsQuerySchema>>;

/** GET /api/bulk-actions…: what is asked about actions. */
export const handler = httpHandler('read-bulk-actions', {
  listBulkActions: async ({ caller, query }: ListRequest) => {
    const { items, ...page } = await actions.list(caller.accountId, query);
    return { status: 200, body: { items: items.map((action) => viewBulkAction(action)), ...page } };
  },
  getBulkAction: async ({ caller, path }: OneAction) => {
    const action = await actions.get(caller.accountId, path.actionId);
    return { status: 200, body: await viewLive(actions, action) };
  },
  getBulkActionEvents: async ({ caller, path, headers }: OneAction) => {
    const action = await actions.get(caller.accountId, path.actionId);
    const told = actionEvents(action, await viewLive(actions, action), headers['last-event-id']);
    return told.kind === 'over' ? { status: 204 } : { status: 200, events: told.text };
  },
  listRows: async ({ caller, path, query }: OneAction<RowsQuery>) => {
    const action = await actions.get(caller.accountId, path.actionId);
    return { status: 200, body: await listRows(bucket, action, query) };
  },
  getUndo: async ({ caller, path, query }: OneAction<UndoQuery>) => {
    const action = await actions.get(caller.accountId, path.actionId);
    return { status: 200, body: await listUndo(bucket, action, query) };
  },
  getReport: async ({ caller, path }: OneAction) => {
    const action = await actions.get(caller.accountId, path.actionId);
    return { status: 200, body: await linkReport(bucket, action, reportTimes) };
  },
});
