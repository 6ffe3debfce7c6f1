import { undoBulkAction } from '../operations/undo-bulk-action.ts';
import { viewUndo } from '../operations/view-bulk-action.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBucket, openBus, openControl, openUndoExecutions } from '../store/open-stores.ts';

const environment = readEnvironment('undo-bulk-action');
const stores = {
  ...openControl(environment),
  ...openBucket(environment),
  ...openBus(environment),
  ...openUndoExecutions(environment),
};
const context = {
  deadlineSeconds: environment.DEADLINE_SECONDS,
  outsideProcesses: environment.OUTSIDE_PROCESSES,
};

/** POST /api/bulk-actions/{actionId}/undo: an ended action's entities become what they were before. */
export const handler = httpHandler('undo-bulk-action', {
  undoBulkAction: async ({ caller, path: { actionId } }: HttpRequest<{ actionId: string }>) => {
    const undo = await undoBulkAction(stores, caller, actionId, context);
    return { status: 202, body: { actionId, undo: viewUndo(undo) } };
  },
});
