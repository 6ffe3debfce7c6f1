import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountStats, ActionStats, LogEntry, LogList } from '../../cli/api-types.ts';
import { actionStatuses, noCounts } from '../../lambdas/model/action.ts';
import { actionId, type Received, RollcallServer } from './rollcall-server.ts';
import { runCli } from './run-cli.ts';

const action = `/api/bulk-actions/${actionId}`;
const at = '2026-03-13T10:00:00.000Z';
const entries: LogEntry[] = [
  { at, status: 'system', code: 'staged', message: '3 rows.' },
  {
    at,
    status: 'skipped',
    rowNumber: 3,
    column: 'capacity',
    value: 'many',
    code: 'not_a_number',
    message: 'No number.',
  },
  { at, status: 'success', rowNumber: 2, code: 'created', message: 'Created.' },
];

let server: RollcallServer;
beforeEach(async () => {
  server = new RollcallServer();
  await server.start();
});
afterEach(() => server.stop());

const rollcall = (...args: string[]) =>
  runCli(args, { cwd: tmpdir(), env: { ROLLCALL_ENDPOINT: server.url, ROLLCALL_KEY: server.key } });

/** A log of one entry a page; with `live`, the last one comes later. */
function pages({ live = false } = {}): (request: Received) => { body: LogList } {
  let looks = 0;
  return ({ query }) => {
    const index = Number(query.get('cursor') ?? 0);
    const known = live && looks++ < 4 ? entries.length - 1 : entries.length;
    if (index >= known) return { body: { items: [], resume: String(index) } };
    const items = entries.slice(index, index + 1);
    const next = String(index + 1);
    if (index + 1 < known) return { body: { items, cursor: next } };
    return { body: known < entries.length ? { items, resume: next } : { items } };
  };
}

describe('GIVEN the log of an action', () => {
  it('WHEN it is shown THEN page after page, as one table', async () => {
    server.when(`GET ${action}/logs`, pages());
    const { code, stdout } = await rollcall('logs', actionId, '--status', 'skipped', '--code', 'x');
    expect(code).toBe(0);
    const [titles, ...lines] = stdout.trimEnd().split('\n');
    expect(titles).toMatch(/^time +status +row +code +column +value +message/);
    expect(lines.map((line) => line.split(/ {2,}/)[1])).toEqual(['system', 'skipped', 'success']);
    expect(lines[1]).toMatch(/3 +not_a_number +capacity +many +No number\./);
    const asked = server.received(`GET ${action}/logs`)[0]?.query;
    expect(Object.fromEntries(asked ?? [])).toEqual({ status: 'skipped', code: 'x', limit: '100' });
  });

  it('WHEN there is more than was asked for THEN that is said', async () => {
    server.when(`GET ${action}/logs`, pages());
    const { stdout, stderr } = await rollcall('logs', actionId, '--limit', '2', '--json');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(entries.slice(0, 2));
    expect(stderr).toContain('there are more');
  });

  it('WHEN the action is under way and its log is followed THEN what comes later is shown too, once', async () => {
    server.when(`GET ${action}/logs`, pages({ live: true }));
    const { code, stdout } = await rollcall('logs', actionId, '--follow', '--json');
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(entries);
  });

  it.each([
    ['--limit', '0'],
    ['--status', 'wrong'],
  ])('WHEN it is asked for with %s %s THEN nobody is asked', async (...args) => {
    expect((await rollcall('logs', actionId, ...args)).code).toBe(2);
    expect(server.requests).toEqual([]);
  });
});

describe('GIVEN figures', () => {
  const spread = { p50: 0.2, p95: 1.5, max: 61 };

  it('WHEN those of an action are shown THEN its batches, phases and errors are in tables', async () => {
    const stats: ActionStats = {
      actionId,
      status: 'failed',
      run: 1,
      counts: { ...noCounts, rows: 3, created: 2, failed: 1 },
      rowsPerSecond: 1_500,
      batches: { total: 2, done: 2 },
      batchSeconds: spread,
      queueSeconds: spread,
      errorCodes: [{ code: 'refused', count: 1 }],
      phases: [
        { phase: 'validating', startedAt: at, finishedAt: at, seconds: 0 },
        { phase: 'processing', startedAt: at, seconds: 90 },
      ],
    };
    server.when(`GET ${action}/stats`, () => ({ body: stats }));
    const { stdout } = await rollcall('stats', actionId);
    expect(stdout).toMatch(/status +failed, after 1 retry\n/);
    expect(stdout).toMatch(/pace +1,500 rows\/s\n/);
    expect(stdout).toMatch(/waited +0\.2 s +1\.5 s +1:01\n/);
    expect(stdout).toMatch(/processing +\S+ \S+ +1:30 so far\n/);
    expect(stdout).toMatch(/refused +1\n/);
    expect(stdout).not.toContain('invalid');
    expect(JSON.parse((await rollcall('stats', actionId, '--json')).stdout)).toEqual(stats);
  });

  it('WHEN those of the account are shown THEN by day and status, as far as there was something', async () => {
    const days = ['2026-03-12', '2026-03-13'].map((day) => ({ day, actions: 0, counts: noCounts }));
    const none = Object.fromEntries(actionStatuses.map((status) => [status, 0])) as AccountStats['actions'];
    const stats: AccountStats = {
      days: [
        days[0] as AccountStats['days'][number],
        { ...days[1], day: '2026-03-13', actions: 2, counts: { ...noCounts, rows: 1_000, created: 990, invalid: 10 } },
      ],
      actions: { ...none, completed: 2 },
      errorRate: 0.01,
      queues: [{ name: 'batches', waiting: 12, inFlight: 3, delayed: 0 }],
      backlog: { batches: 7, oldestSeconds: 42 },
    };
    server.when('GET /api/stats', () => ({ body: stats }));
    const { stdout } = await rollcall('stats');
    expect(stdout).toContain('1,000 rows in 2 days, 1.0 % of them invalid, failed or unprocessed');
    expect(stdout).toContain("7 of the account's batches under way, the oldest for 42 s");
    expect(stdout).toMatch(/2026-03-13 +2 +1,000 +990 +10\n/);
    expect(stdout).not.toContain('2026-03-12');
    expect(stdout).toMatch(/batches +12 +3 +0\n/);
  });
});
