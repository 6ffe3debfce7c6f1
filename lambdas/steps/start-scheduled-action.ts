import { hasEnded } from '../model/action.ts';
import type { ActionRequests } from '../store/action-requests.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { Executions } from '../store/executions.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { startExecution } from './start-action.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly requests: ActionRequests;
  readonly executions: Executions;
  readonly bucket: SheetBucket;
}

/** What came of a start, for the log. */
export type ScheduledOutcome = 'started' | 'waits_for_sheet' | 'over';

/** An action's time has come: it starts, or will as soon as its sheet is there. May come twice, and late. */
export async function startScheduledAction(
  stores: Stores,
  { accountId, actionId }: { accountId: string; actionId: string },
  deadlineSeconds: number,
): Promise<ScheduledOutcome> {
  const action = await stores.actions.find(accountId, actionId);
  if (!action || hasEnded(action) || action.cancelRequestedAt !== undefined) return 'over';
  await stores.requests.stopWaitingForStart(action);
  const { key, size } = action.source;
  if ((await stores.bucket.head(key))?.size !== size) return 'waits_for_sheet';
  await startExecution(stores, action, deadlineSeconds);
  return 'started';
}
