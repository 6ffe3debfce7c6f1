import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AccountStats, ActionStats, LogEntry, LogList } from '../../lambdas/model/api/logs-and-stats.ts';
import type { BulkActionView } from '../../lambdas/model/api.ts';
import { runCli } from '../cli/run-cli.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
import { RollcallClient } from '../support/client.ts';
import { EventReader } from '../support/event-source.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const processName = 'facilityCreation';

/** Two rows that are fine, one that comes twice, one with two errors. */
const rows = [...facilities(2), facility('Facility 1'), facility('Facility 9', { capacity: 'many', usage: 'Perhaps' })];

describe.skipIf(!stack.resources)('GIVEN an action of an account of its own', () => {
  let key: string;
  let client: RollcallClient;
  let actionId: string;
  let path: string;
  let seen: BulkActionView[];
  let reader: EventReader;

  beforeAll(async () => {
    key = await giveKey(stack.resources as StackResources, newAccount());
    client = new RollcallClient({ endpoint: stack.endpoint, key });
    const submission = { referenceId: newReference(), processName, onInvalidRow: 'skip' } as const;
    actionId = await client.submit(submission, csvFile(facilitySheet(rows)));
    path = `/api/bulk-actions/${actionId}`;
    reader = new EventReader(`${stack.endpoint}${path}/events`, { 'x-api-key': key });
    seen = [];
    for await (const { data } of reader.events()) seen.push(JSON.parse(data) as BulkActionView);
  });

  async function logOf(query = ''): Promise<LogEntry[]> {
    const items: LogEntry[] = [];
    let cursor: string | undefined;
    do {
      const parameters = [query, cursor && `cursor=${cursor}`].filter((part) => part).join('&');
      const page = await client.read<LogList>(`${path}/logs?${parameters}`);
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return items;
  }

  it('WHEN its events are followed THEN they lead to its end, and then to no more', async () => {
    expect(reader.answers.at(-1)).toBe(204);
    expect(reader.answers.slice(0, -1).every((status) => status === 200)).toBe(true);
    expect(seen.at(-1)).toEqual(await client.action(actionId));
    expect(seen.at(-1)).toMatchObject({
      status: 'completed_with_failures',
      counts: { rows: 4, created: 2, duplicate: 1, invalid: 1 },
      source: { kind: 'upload', fileName: csvFile(facilitySheet(rows)).fileName, size: expect.any(Number) },
    });
    expect(new Set(seen.map((state) => JSON.stringify(state))).size).toBe(seen.length);
  });

  it('WHEN somebody has its state already THEN it is not sent again', async () => {
    const etag = (await client.get(path)).headers.get('etag') ?? '';
    expect(await client.get(path, { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' });
  });

  it('WHEN its log is read THEN it tells all in order, and each row', async () => {
    const log = await logOf();
    const told = log.map(({ status, rowNumber, column, code }) =>
      [status, rowNumber, column, code].filter(Boolean).join(' '),
    );
    expect(told).toEqual([
      'system submitted',
      'system started',
      'system staged',
      'skipped 4 duplicate_in_sheet',
      expect.stringMatching(/^skipped 5 capacity /),
      expect.stringMatching(/^skipped 5 usage /),
      'system identified',
      'system dispatched',
      'system settled',
      'success 2 created',
      'success 3 created',
      'system mapping_started',
      'system mapped',
      'system finished',
    ]);
    expect(log.find(({ column }) => column === 'capacity')).toMatchObject({
      value: 'many',
      message: expect.any(String),
    });
    const times = log.map(({ at = '' }) => at);
    expect(times).toEqual(times.toSorted());
  });

  it('WHEN its log is filtered, or read entry by entry, THEN nothing is missing and nothing comes twice', async () => {
    const log = await logOf();
    expect(await logOf('limit=1')).toEqual(log);
    for (const status of ['success', 'skipped', 'failure', 'system']) {
      expect(await logOf(`status=${status}`)).toEqual(log.filter((entry) => entry.status === status));
    }
    expect(await logOf('code=duplicate_in_sheet')).toEqual(log.filter(({ code }) => code === 'duplicate_in_sheet'));
  });

  it('WHEN its stats are read THEN its figures, batches, errors and phases are there', async () => {
    const stats = await client.read<ActionStats>(`${path}/stats`);
    expect(stats).toMatchObject({
      status: 'completed_with_failures',
      counts: { rows: 4 },
      batches: { total: 1, done: 1 },
      batchSeconds: { p50: expect.any(Number), p95: expect.any(Number), max: expect.any(Number) },
      queueSeconds: { max: expect.any(Number) },
    });
    expect(stats.rowsPerSecond).toBeGreaterThan(0);
    expect(stats.batchSeconds?.max).toBeGreaterThan(0);
    expect(stats.errorCodes?.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(stats.phases.map(({ phase }) => phase)).toEqual([
      'waiting',
      'validating',
      'processing',
      'mapping',
      'reporting',
    ]);
    for (const { finishedAt } of stats.phases) expect(finishedAt).toBeDefined();
  });

  it("WHEN it has ended THEN it is part of its account's figures, once, and of nobody else's", async () => {
    const stats = await accountStats(client, ({ actions }) => actions.completed_with_failures > 0);
    expect(stats.actions).toMatchObject({ completed_with_failures: 1, completed: 0, pending: 0, processing: 0 });
    expect(stats.days).toHaveLength(30);
    expect(stats.days.at(-1)).toMatchObject({ actions: 1, counts: { rows: 4, created: 2, invalid: 1, duplicate: 1 } });
    expect(stats.errorRate).toBe(0.25);
    expect(stats.queues.map(({ name }) => name)).toEqual(['batches', 'dead-letters']);
    expect(stats.backlog).toEqual({ batches: 0, oldestSeconds: 0 });
    const other = new RollcallClient({
      endpoint: stack.endpoint,
      key: await giveKey(stack.resources as StackResources, newAccount()),
    });
    expect((await other.read<AccountStats>('/api/stats')).days.at(-1)).toMatchObject({
      actions: 0,
      counts: { rows: 0 },
    });
  });

  it('WHEN the command line is asked THEN it shows the same', async () => {
    const env = { ROLLCALL_ENDPOINT: stack.endpoint, ROLLCALL_KEY: key };
    const [log, figures] = await Promise.all([
      runCli(['logs', actionId, '--status', 'skipped', '--json', '--follow'], { cwd: tmpdir(), env }),
      runCli(['stats', actionId], { cwd: tmpdir(), env }),
    ]);
    expect(
      log.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(await logOf('status=skipped'));
    expect(figures.stdout).toMatch(/duplicate_in_sheet +1\n/);
    expect([log.code, figures.code]).toEqual([0, 0]);
  });

  it.each(['logs', 'stats', 'events'])(
    'WHEN another account asks for its %s THEN there is no such action',
    async (what) => {
      const other = client.withKey(await giveKey(stack.resources as StackResources, newAccount()));
      expect((await other.get(`${path}/${what}`)).status).toBe(404);
    },
  );

  it('WHEN a cursor is not one of ours THEN the answer is 400', async () => {
    for (const cursor of ['nonsense', Buffer.from('{"after":1}').toString('base64url')]) {
      expect((await client.get(`${path}/logs?cursor=${cursor}`)).status).toBe(400);
    }
  });
});

/** The figures follow the event of an action's end, so they come a moment later. */
async function accountStats(client: RollcallClient, arrived: (stats: AccountStats) => boolean): Promise<AccountStats> {
  for (let look = 0; look < 300; look++) {
    const stats = await client.read<AccountStats>('/api/stats');
    if (arrived(stats)) return stats;
    await pause(100);
  }
  throw new Error('The account’s figures never changed.');
}
