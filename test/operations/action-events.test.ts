import { expect, test } from 'vitest';
import { actionEvents } from '../../lambdas/operations/action-events.ts';
import { viewBulkAction } from '../../lambdas/operations/view-bulk-action.ts';
import { newAction } from '../support/actions.ts';

const action = newAction();
const ended = newAction({ status: 'completed', finishedAt: new Date().toISOString() });

function told(of: typeof action, lastEventId?: string) {
  return actionEvents(of, viewBulkAction(of), lastEventId);
}

/** The id of the one event in an answer. */
function idIn(events: ReturnType<typeof told>): string {
  return (events.kind === 'events' && /^id: (\S+)$/m.exec(events.text)?.[1]) || 'none';
}

test('GIVEN a state that is news WHEN told THEN one event has it, with a pause before the next look', () => {
  const first = told(action);
  const data = JSON.stringify(viewBulkAction(action));
  expect(first).toEqual({ kind: 'events', text: `retry: 1000\nid: ${idIn(first)}\ndata: ${data}\n\n` });
});

test('GIVEN a state that the client has WHEN told THEN nothing is dispatched and the client comes again', () => {
  expect(told(action, idIn(told(action)))).toEqual({ kind: 'events', text: 'retry: 1000\n: no news\n\n' });
});

test('GIVEN an ended action WHEN its end is not known yet THEN it is told, and only then is it over', () => {
  const last = told(ended, idIn(told(action)));
  expect(idIn(last)).not.toBe('none');
  expect(told(ended, idIn(last))).toEqual({ kind: 'over' });
});
