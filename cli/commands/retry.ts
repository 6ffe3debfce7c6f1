import type { CreatedBulkAction, RetrySelection } from '../api-types.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { UnusableError } from '../errors.ts';
import { finishAction } from '../finish-action.ts';

export const retry = defineCommand({
  name: 'retry',
  summary: "Run an ended action's failed rows again, or some of them",
  description: `Runs the rows of ACTION again that failed, were cancelled or had no turn, and only them, for when the cause was not in
the sheet, e.g. a service that was down. Follows the run to its end and downloads the new report, like \`rollcall run\`.
Rows that are invalid stay so: correct them in failed.csv and run that.`,
  arguments: [{ name: 'ACTION', help: "The action's id." }],
  options: {
    code: {
      type: 'string',
      value: 'CODE',
      multiple: true,
      help: 'Only rows that failed with this error code; may be repeated.',
    },
    rows: { type: 'string', value: 'FROM-TO', help: 'Only rows with these numbers, as the report counts them.' },
    out: { type: 'string', value: 'DIR', help: 'Where the report goes; default: rollcall-report/ACTION.' },
    json: { type: 'boolean', help: 'Last line of standard output: the object of `rollcall run --json`.' },
    ...connectionOptions,
  },
  examples: [
    'rollcall retry 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40',
    'rollcall retry 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40 --code service_timeout --rows 2-5000',
  ],
  async run(session, options, actionId) {
    const selection = readSelection(options);
    const api = await session.connect(options);
    const path = `/api/bulk-actions/${encodeURIComponent(actionId)}/retry`;
    // Once only: when an answer gets lost, the second request would be refused because the first one was heard.
    await api.post<CreatedBulkAction>(path, selection, { signal: session.interrupted, attempts: 1 });
    return finishAction(session, api, actionId, options);
  },
});

/** Which rows are meant; all that failed when nothing is said. */
function readSelection({ code, rows }: { readonly code?: readonly string[]; readonly rows?: string }): RetrySelection {
  return { ...(code && { codes: [...code] }), ...(rows !== undefined && { rows: readRange(rows) }) };
}

function readRange(text: string): { from: number; to: number } {
  const { from, to = from } = /^(?<from>\d{1,9})(-(?<to>\d{1,9}))?$/.exec(text)?.groups ?? {};
  const range = { from: Number(from), to: Number(to) };
  if (range.from > 0 && range.from <= range.to) return range;
  throw new UnusableError(`--rows '${text}' is no range of rows`, 'E.g. --rows 2-500, or --rows 17 for one.');
}
