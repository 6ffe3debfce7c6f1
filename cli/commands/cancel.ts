import type { CancelledBulkAction } from '../api-types.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { exitCodes } from '../errors.ts';
import { exitCodeOf, jsonLine, printSummary } from '../finish-action.ts';
import { ProgressDisplay } from '../progress.ts';
import { print } from '../terminal.ts';
import { watchAction } from '../watch-action.ts';

export const cancel = defineCommand({
  name: 'cancel',
  summary: 'End an action before its time',
  description: `Has the service stop working on ACTION, waits until its rows have their answers and shows them. What was created
stays (\`rollcall undo\` takes it back); the rest is cancelled, and \`rollcall retry\` takes it up again. An action that waits
for its time or its sheet never starts.`,
  arguments: [{ name: 'ACTION', help: "The action's id." }],
  options: {
    json: { type: 'boolean', help: 'Last line of standard output: the object of `rollcall run --json`.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  cancelled, or completed before that',
    '1  failed before that, or the service had a fault',
    '2  unusable: no such action, one that has ended, or an argument to change',
  ],
  examples: ['rollcall cancel 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40'],
  async run(session, options, actionId) {
    const api = await session.connect(options);
    const path = `/api/bulk-actions/${encodeURIComponent(actionId)}/cancel`;
    await api.post<CancelledBulkAction>(path, undefined, { signal: session.interrupted });
    const action = await watchAction(api, actionId, new ProgressDisplay(), session.interrupted);
    if (options.json) print(jsonLine(action, []));
    else await printSummary(api, action, [], session.interrupted);
    return action.status === 'cancelled' ? exitCodes.completed : exitCodeOf(action);
  },
});
