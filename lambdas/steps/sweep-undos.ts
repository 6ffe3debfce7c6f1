import type { ActionRequests } from '../store/action-requests.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import type { UndoExecutions } from '../store/undo-executions.ts';

export interface SweepUndoStores {
  readonly actions: ActionStore;
  readonly requests: ActionRequests;
  readonly references: ReferenceStore;
  readonly undoExecutions: UndoExecutions;
}

/**
 * Ends the undoings that nobody drives any more, because their execution was stopped or never began, so that their
 * reference is free and they can be asked for again. Answers how many.
 */
export async function sweepUndos(stores: SweepUndoStores, idleSince: string): Promise<number> {
  let ended = 0;
  for await (const undoing of stores.actions.undoing()) {
    for (const action of undoing.filter(({ updatedAt }) => updatedAt < idleSince)) {
      const { undo, actionId, counts } = action;
      if (!undo || (await stores.undoExecutions.isRunning({ actionId, attempt: undo.attempt }))) continue;
      if (await stores.requests.endUndo(action, undo, 'failed')) ended += 1;
      await stores.references.release(action, { counts }, undo.attempt);
    }
  }
  return ended;
}
