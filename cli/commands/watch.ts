import { connectionOptions, defineCommand } from '../command.ts';
import { exitCodeOf, jsonLine, printSummary } from '../finish-action.ts';
import { ProgressDisplay } from '../progress.ts';
import { print } from '../terminal.ts';
import { watchAction } from '../watch-action.ts';

export const watch = defineCommand({
  name: 'watch',
  summary: 'Follow an action to its end',
  description: `Shows the progress of ACTION on standard error until it has ended, then what became of its rows. Watching changes
nothing: it can be stopped with Ctrl-C and taken up again, by several people at a time.`,
  arguments: [{ name: 'ACTION', help: "The action's id, as `rollcall upload` and `rollcall actions` print it." }],
  options: {
    json: { type: 'boolean', help: 'Last line of standard output: the object of `rollcall run --json`.' },
    ...connectionOptions,
  },
  examples: ['rollcall watch 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40'],
  async run(session, options, actionId) {
    const api = await session.connect(options);
    const action = await watchAction(api, actionId, new ProgressDisplay(), session.interrupted);
    if (options.json) print(jsonLine(action, []));
    else await printSummary(api, action, [], session.interrupted);
    return exitCodeOf(action);
  },
});
