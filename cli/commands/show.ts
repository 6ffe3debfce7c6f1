import { connectionOptions, defineCommand } from '../command.ts';
import { exitCodes } from '../errors.ts';
import { printSummary } from '../finish-action.ts';
import { describeAction } from '../progress.ts';
import { summarize } from '../summary.ts';
import { print } from '../terminal.ts';
import { hasEnded, readAction } from '../watch-action.ts';

export const show = defineCommand({
  name: 'show',
  summary: 'Show one action as it stands',
  description: 'Shows status, figures, warnings and, once ACTION has ended, its first errors.',
  arguments: [{ name: 'ACTION', help: "The action's id." }],
  options: { json: { type: 'boolean', help: 'Print the action as the service describes it.' }, ...connectionOptions },
  exitCodes: [
    '0  shown, whatever the action came to',
    '1  the service had a fault',
    '2  unusable: no such action, or an argument to change',
  ],
  examples: ['rollcall show 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40'],
  async run(session, options, actionId) {
    const api = await session.connect(options);
    const action = await readAction(api, actionId, { signal: session.interrupted });
    if (options.json) print(JSON.stringify(action));
    else if (hasEnded(action)) await printSummary(api, action, [], session.interrupted);
    else print([...summarize(action, []), '', describeAction(action)].join('\n'));
    return exitCodes.completed;
  },
});
