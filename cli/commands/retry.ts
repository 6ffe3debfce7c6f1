import type { CreatedBulkAction } from '../api-types.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { finishAction } from '../finish-action.ts';

export const retry = defineCommand({
  name: 'retry',
  summary: "Run an ended action's failed rows again",
  description: `Makes the failed rows of ACTION pending and runs only them, for when the cause was not in the sheet, e.g. a
service that was down. Follows the run to its end and downloads the new report, like \`rollcall run\`.
Rows that are invalid stay so: correct them in failed.csv and run that.`,
  arguments: [{ name: 'ACTION', help: "The action's id." }],
  options: {
    out: { type: 'string', value: 'DIR', help: 'Where the report goes; default: rollcall-report/ACTION.' },
    json: { type: 'boolean', help: 'Last line of standard output: the object of `rollcall run --json`.' },
    ...connectionOptions,
  },
  examples: ['rollcall retry 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40'],
  async run(session, options, actionId) {
    const api = await session.connect(options);
    const path = `/api/bulk-actions/${encodeURIComponent(actionId)}/retry`;
    // Once only: when an answer gets lost, the second request would be refused because the first one was heard.
    await api.post<CreatedBulkAction>(path, undefined, { signal: session.interrupted, attempts: 1 });
    return finishAction(session, api, actionId, options);
  },
});
