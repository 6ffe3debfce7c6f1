import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../api-client.ts';
import type { UndoList, UndoneBulkAction, UndoView } from '../api-types.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { type ExitCode, exitCodes, InterruptedError } from '../errors.ts';
import { plural } from '../format.ts';
import { table } from '../table.ts';
import { bold, print } from '../terminal.ts';

const pauseMs = 500;
const shownEntities = 20;

type Skipped = UndoList['items'][number];

export const undo = defineCommand({
  name: 'undo',
  summary: 'Take back what an action did',
  description: `Deletes the entities that ACTION created and restores those that it changed to what they were, waits for the end of
that and shows it. Entities that were changed since are left alone and listed. Once it has ended it may be asked for again,
for what is still left.`,
  arguments: [{ name: 'ACTION', help: "The action's id." }],
  options: {
    json: { type: 'boolean', help: 'Print {"actionId", "undo", "skipped": [entities]}.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  undone, all of it',
    '1  some entities were left alone, or the service had a fault',
    '2  unusable: no such action, one that has not ended or changed nothing, or an argument to change',
  ],
  examples: ['rollcall undo 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40'],
  async run(session, options, actionId) {
    const api = await session.connect(options);
    const path = `/api/bulk-actions/${encodeURIComponent(actionId)}/undo`;
    // Once only: when an answer gets lost, the second request would be refused because the first one was heard.
    await api.post<UndoneBulkAction>(path, undefined, { signal: session.interrupted, attempts: 1 });
    const done = await untilEnded(api, path, session.interrupted);
    const skipped = await allSkipped(api, path, session.interrupted);
    if (options.json) print(JSON.stringify({ actionId, undo: done, skipped }));
    else for (const line of describe(done, skipped)) print(line);
    return exitCodeOf(done);
  },
});

async function untilEnded(api: ApiClient, path: string, signal: AbortSignal): Promise<UndoView> {
  try {
    for (;;) {
      const { undo: found } = await api.get<UndoList>(path, { limit: 1 }, { signal });
      if (found.status !== 'running') return found;
      await pause(pauseMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError('no longer watching; the undoing goes on', `GET ${path} says how far it is.`);
  }
}

async function allSkipped(api: ApiClient, path: string, signal: AbortSignal): Promise<Skipped[]> {
  const items: Skipped[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get<UndoList>(path, { cursor, limit: 1_000 }, { signal });
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

function describe({ status, deleted, restored, skipped }: UndoView, items: readonly Skipped[]): string[] {
  const head = [
    `undo ${status}`,
    `${plural(deleted, 'entity', 'entities')} deleted, ${plural(restored, 'entity', 'entities')} restored, ${plural(skipped, 'entity', 'entities')} left alone`,
  ];
  if (items.length === 0) return head;
  const lines = table(
    [{ title: 'row', align: 'right' }, { title: 'entity' }, { title: 'identifier', width: 32 }, { title: 'why' }],
    items
      .slice(0, shownEntities)
      .map(({ rowNumber, entityId, uniqueIdentifier = '', error }) => [
        String(rowNumber),
        entityId,
        uniqueIdentifier,
        error.message,
      ]),
    { indent: 2 },
  );
  const rest = items.length - shownEntities;
  const more = rest > 0 ? [`… and ${plural(rest, 'more entity', 'more entities')}; --json has them all.`] : [];
  return [...head, '', bold('Left alone'), ...[...lines, ...more].map((line) => `  ${line}`)];
}

function exitCodeOf({ status, skipped }: UndoView): ExitCode {
  return status === 'completed' && skipped === 0 ? exitCodes.completed : exitCodes.failed;
}
