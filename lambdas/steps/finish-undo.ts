import type { FinishUndoInput } from '../model/undo-steps.ts';
import type { ActionRequests } from '../store/action-requests.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { ReferenceStore } from '../store/reference-store.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly requests: ActionRequests;
  readonly references: ReferenceStore;
}

/** Ends an undoing and gives the reference and process free. Coming again changes nothing. */
export async function finishUndo(
  { actions, requests, references }: Stores,
  { accountId, actionId, attempt, progress, status }: FinishUndoInput,
): Promise<void> {
  const action = await actions.get(accountId, actionId);
  if (action.undo?.attempt !== attempt) return;
  await requests.endUndo(action, progress, status);
  await references.release(action, { counts: action.counts }, attempt);
}
