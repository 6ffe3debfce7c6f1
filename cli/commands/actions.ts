import type { ApiClient } from '../api-client.ts';
import type { BulkActionList, BulkActionView } from '../api-types.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { exitCodes, UnusableError } from '../errors.ts';
import { localTime, number } from '../format.ts';
import { standing } from '../standing.ts';
import { table } from '../table.ts';
import { note, print } from '../terminal.ts';

const pageSize = 100;

export const actions = defineCommand({
  name: 'actions',
  summary: 'List actions, newest first',
  description: 'Lists the actions of the account with their status and figures, newest first.',
  arguments: [],
  options: {
    reference: { type: 'string', value: 'REFERENCE', help: 'Only those of this reference.' },
    status: { type: 'string', value: 'STATUS', help: 'Only those in this status, e.g. processing or failed.' },
    'waiting-for': {
      type: 'string',
      choices: ['quota', 'start'],
      help: 'Only those that wait for their quota, or for their time.',
    },
    limit: { type: 'string', value: 'N', help: 'At most so many; default: 20.' },
    json: { type: 'boolean', help: 'Print a JSON array.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  listed, also when there are none',
    '1  the service had a fault',
    '2  unusable: an argument, the endpoint or the key has to be changed first',
  ],
  examples: ['rollcall actions', 'rollcall actions --reference cmp-123 --status failed --limit 100'],
  async run(session, { reference, status, 'waiting-for': waitingFor, limit = '20', json, ...connection }) {
    const wanted = readLimit(limit);
    const api = await session.connect(connection);
    const items = await list(api, { referenceId: reference, status, waitingFor }, wanted, session.interrupted);
    if (json) print(JSON.stringify(items));
    else if (items.length === 0) note('No actions.');
    else for (const line of describe(items)) print(line);
    return exitCodes.completed;
  },
});

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UnusableError(`--limit must be a whole number above 0, not '${text}'`);
}

async function list(
  api: ApiClient,
  filter: { readonly referenceId?: string; readonly status?: string; readonly waitingFor?: string },
  wanted: number,
  signal: AbortSignal,
): Promise<BulkActionView[]> {
  const items: BulkActionView[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(wanted - items.length, pageSize);
    const page = await api.get<BulkActionList>('/api/bulk-actions', { ...filter, limit, cursor }, { signal });
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && items.length < wanted);
  return items;
}

function describe(items: readonly BulkActionView[]): string[] {
  return table(
    [
      { title: 'action' },
      { title: 'submitted' },
      { title: 'reference', width: 32 },
      { title: 'process' },
      { title: 'status' },
      { title: 'rows', align: 'right' },
      { title: 'created', align: 'right' },
      { title: 'changed', align: 'right' },
      { title: 'wrong', align: 'right' },
    ],
    items.map(({ counts, ...action }) => [
      action.actionId,
      localTime(action.createdAt),
      action.referenceId,
      action.processName,
      standing(action),
      number(counts.rows),
      number(counts.created),
      number(counts.updated + counts.deleted),
      number(counts.invalid + counts.failed + counts.unprocessed),
    ]),
  );
}
