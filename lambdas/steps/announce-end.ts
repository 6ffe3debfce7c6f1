import { type BulkAction, hasEnded } from '../model/action.ts';
import { endEventOf, endEventType } from '../model/end-event.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { EventBus } from '../store/event-bus.ts';

export interface AnnounceStores {
  readonly actions: ActionStore;
  readonly bus: EventBus;
}

/**
 * Tells the world that an action has ended, unless it has been told of this run. The write that ended the action also
 * noted that its event is owed; a kill before the event, or between the event and the note that it is out, leaves it
 * owed, and whoever comes next (a repeated step, a retry, the sweep) sends it. So it comes at least once.
 */
export async function announceEnd({ actions, bus }: AnnounceStores, action: BulkAction): Promise<boolean> {
  if (!hasEnded(action) || action.announcedRun === action.run) return false;
  await bus.publish(endEventType, endEventOf(action));
  await actions.noteAnnounced(action);
  return true;
}
