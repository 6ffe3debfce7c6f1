import { setTimeout as pause } from 'node:timers/promises';
import type { ActionStatus } from '../lambdas/model/action.ts';
import type { ApiClient } from './api-client.ts';
import type { BulkActionView } from './api-types.ts';
import { InterruptedError } from './errors.ts';
import { describeAction, type ProgressDisplay } from './progress.ts';
import { note } from './terminal.ts';

/** A small sheet is done in less than a second; a large one need not be asked about more often than this. */
const firstPauseMs = 100;
const longestPauseMs = 1_000;
/** Half a minute of unanswered looks: a service that restarts is waited for. */
const attempts = 10;

/** True for the statuses that an action does not leave by itself. */
const ended: Readonly<Record<ActionStatus, boolean>> = {
  pending: false,
  validating: false,
  processing: false,
  mapping: false,
  completed: true,
  completed_with_failures: true,
  failed: true,
  cancelled: true,
};

export function hasEnded(action: BulkActionView): boolean {
  return ended[action.status];
}

/** Follows the action to its end and shows its progress. Ctrl-C ends the watching, not the action. */
export async function watchAction(
  api: ApiClient,
  actionId: string,
  display: ProgressDisplay,
  interrupted: AbortSignal,
): Promise<BulkActionView> {
  try {
    for (let wait = firstPauseMs; ; wait = Math.min(wait * 1.5, longestPauseMs)) {
      const action = await readAction(api, actionId, { signal: interrupted, attempts });
      if (hasEnded(action)) return action;
      display.show(action.waitingFor ?? action.status, describeAction(action));
      await pause(wait, undefined, { signal: interrupted });
    }
  } catch (error) {
    if (!interrupted.aborted) {
      display.clear();
      note(`The watching ended, the action did not: look again with \`rollcall watch ${actionId}\`.`);
      throw error;
    }
    throw new InterruptedError(
      'no longer watching; the action goes on',
      `Watch it again with \`rollcall watch ${actionId}\`, or end it with \`rollcall cancel ${actionId}\`.`,
    );
  } finally {
    display.clear();
  }
}

export function readAction(
  api: ApiClient,
  actionId: string,
  options: Parameters<ApiClient['get']>[2] = {},
): Promise<BulkActionView> {
  return api.get<BulkActionView>(`/api/bulk-actions/${encodeURIComponent(actionId)}`, {}, options);
}
