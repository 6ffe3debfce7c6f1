import { hash } from 'node:crypto';
import { type BulkAction, hasEnded } from '../model/action.ts';
import type { BulkActionView } from '../model/api.ts';

/** How long a client pauses before it asks again, milliseconds. */
const pauseMs = 1_000;

/** `events`: a body of type text/event-stream. `over`: there is nothing to come any more. */
export type ActionEvents = { readonly kind: 'events'; readonly text: string } | { readonly kind: 'over' };

/**
 * The action's state as server-sent events. An HTTP API hands answers out whole, so a stream that stays open is not to
 * be had; but the protocol has clients connect again by themselves, with the id of the last event they saw. So each
 * answer has at most one event, if there is news, and ends. A client that has seen the end is told to stop, with 204.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function actionEvents(action: BulkAction, view: BulkActionView, lastEventId: string | undefined): ActionEvents {
  const data = JSON.stringify(view);
  const id = hash('sha1', data, 'base64url');
  const isNews = id !== lastEventId;
  if (!isNews && hasEnded(action)) return { kind: 'over' };
  const lines = isNews ? [`id: ${id}`, `data: ${data}`] : [': no news'];
  return { kind: 'events', text: `${[`retry: ${pauseMs}`, ...lines].join('\n')}\n\n` };
}
