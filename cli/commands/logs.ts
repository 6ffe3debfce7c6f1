import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../api-client.ts';
import type { LogEntry, LogList } from '../api-types.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { exitCodes, InterruptedError, UnusableError } from '../errors.ts';
import { localTime } from '../format.ts';
import { table } from '../table.ts';
import { note, print } from '../terminal.ts';

const pageSize = 1_000;
const defaultLimit = 100;
const followPauseMs = 1_000;

export const logs = defineCommand({
  name: 'logs',
  summary: 'Show what happened to an action and its rows',
  description: `Prints the log of ACTION in order of time and row: what happened to the action as a whole (system), and what became of
its rows (success, failure, skipped). A row with several errors has several entries.
With --follow it goes on until the action has ended; Ctrl-C stops the watching, not the action.`,
  arguments: [{ name: 'ACTION', help: "The action's id." }],
  options: {
    status: {
      type: 'string',
      choices: ['success', 'failure', 'skipped', 'system'],
      help: 'Only entries of this kind.',
    },
    code: { type: 'string', value: 'CODE', help: 'Only entries with this code, e.g. duplicate_in_sheet.' },
    limit: { type: 'string', value: 'N', help: `At most so many; default: ${defaultLimit}, with --follow: all.` },
    follow: { type: 'boolean', help: 'Print what comes, until the action has ended.' },
    json: { type: 'boolean', help: 'Print each entry as one line of JSON.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  shown, whatever the action came to',
    '1  the service had a fault',
    '2  unusable: no such action, or an argument to change',
  ],
  examples: [
    'rollcall logs 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40 --follow',
    'rollcall logs 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40 --status failure --limit 1000 --json',
  ],
  async run(session, { status, code, limit, follow = false, json, ...connection }, actionId) {
    const wanted = readLimit(limit, follow);
    const api = await session.connect(connection);
    const show = json ? printLines : tablePrinter();
    const reader = { api, actionId, filter: { status, code }, wanted, follow, signal: session.interrupted };
    try {
      const { shown, more } = await readLog(reader, show);
      if (more) note(`${shown} entries; there are more: --limit says how many to show.`);
    } catch (error) {
      if (!session.interrupted.aborted) throw error;
      throw new InterruptedError('no longer watching; the action goes on');
    }
    return exitCodes.completed;
  },
});

function readLimit(text: string | undefined, follow: boolean): number {
  if (text === undefined) return follow ? Number.POSITIVE_INFINITY : defaultLimit;
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UnusableError(`--limit must be a whole number above 0, not '${text}'`);
}

interface LogReader {
  readonly api: ApiClient;
  readonly actionId: string;
  readonly filter: { readonly status?: string | undefined; readonly code?: string | undefined };
  readonly wanted: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** Shows page after page; `more`: there was more than was wanted. */
async function readLog(
  { api, actionId, filter, wanted, follow, signal }: LogReader,
  show: (entries: readonly LogEntry[]) => void,
): Promise<{ shown: number; more: boolean }> {
  const path = `/api/bulk-actions/${encodeURIComponent(actionId)}/logs`;
  let shown = 0;
  let cursor: string | undefined;
  while (shown < wanted) {
    const limit = Math.min(wanted - shown, pageSize);
    const page: LogList = await api.get<LogList>(path, { ...filter, limit, cursor }, { signal });
    if (page.items.length > 0) show(page.items);
    shown += page.items.length;
    if (page.cursor === undefined && !(follow && page.resume !== undefined)) return { shown, more: false };
    if (page.cursor === undefined) await pause(followPauseMs, undefined, { signal });
    cursor = page.cursor ?? page.resume;
  }
  return { shown, more: cursor !== undefined };
}

function printLines(entries: readonly LogEntry[]): void {
  for (const entry of entries) print(JSON.stringify(entry));
}

/** Prints tables of which only the first has titles. */
function tablePrinter(): (entries: readonly LogEntry[]) => void {
  let titled = false;
  return (entries) => {
    const lines = describe(entries);
    for (const line of titled ? lines.slice(1) : lines) print(line);
    titled = true;
  };
}

function describe(entries: readonly LogEntry[]): string[] {
  return table(
    [
      { title: 'time' },
      { title: 'status' },
      { title: 'row', align: 'right' },
      { title: 'code' },
      { title: 'column', width: 24 },
      { title: 'value', width: 32 },
      { title: 'message' },
    ],
    entries.map(({ at, status, rowNumber, code, column = '', value = '', message }) => [
      at === undefined ? '' : localTime(at),
      status,
      rowNumber === undefined ? '' : String(rowNumber),
      code,
      column,
      value,
      message,
    ]),
  );
}
