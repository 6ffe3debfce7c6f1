import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import { actionId, actionView, problem, RollcallServer } from './rollcall-server.ts';
import { runCli } from './run-cli.ts';

const cwd = tmpdir();
const path = `/api/bulk-actions/${actionId}`;
const undo = { status: 'completed', deleted: 2, restored: 1, skipped: 0, startedAt: '2026-03-13T10:00:00.000Z' };

let server: RollcallServer;
beforeEach(async () => {
  server = new RollcallServer();
  await server.start();
});
afterEach(() => server.stop());

function rollcall(...args: string[]) {
  return runCli(args, { cwd, env: { ROLLCALL_ENDPOINT: server.url, ROLLCALL_KEY: server.key } });
}

describe('GIVEN an action to cancel', () => {
  it('WHEN it is cancelled THEN its end is waited for and shown, and all is in order', async () => {
    const counts = { ...noCounts, rows: 9, created: 4, cancelled: 5 };
    const views = [actionView({ status: 'processing' }), actionView({ status: 'cancelled', counts })];
    server
      .when(`POST ${path}/cancel`, () => ({ status: 202, body: { actionId, status: 'processing' } }))
      .when(`GET ${path}`, () => ({ body: views.length > 1 ? views.shift() : views[0] }));
    const { code, stdout } = await rollcall('cancel', actionId);
    expect(code).toBe(0);
    expect(stdout).toMatch(/created +4\n +cancelled +5\n/);
  });

  it('WHEN it has ended THEN the service says so', async () => {
    const ended = problem('illegal_transition', 409, 'The action is completed.');
    server.when(`POST ${path}/cancel`, () => ({ status: 409, body: ended }));
    expect(await rollcall('cancel', actionId)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is completed'),
    });
  });
});

describe('GIVEN an action to undo', () => {
  it('WHEN all of it is undone THEN it is waited for, and the figures are shown', async () => {
    const states = [{ ...undo, status: 'running' }, undo];
    server
      .when(`POST ${path}/undo`, () => ({ status: 202, body: { actionId, undo: states[0] } }))
      .when(`GET ${path}/undo`, () => ({ body: { undo: states.length > 1 ? states.shift() : states[0], items: [] } }));
    const { code, stdout } = await rollcall('undo', actionId);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'undo completed\n2 entities deleted, 1 entity restored, 0 entities left alone\n',
    });
  });

  it('WHEN some entities were changed since THEN each is named with the reason, and the exit code says so', async () => {
    const item = { rowNumber: 7, entityId: 'e-7', error: { code: 'changed_since', message: 'Changed by another.' } };
    server
      .when(`POST ${path}/undo`, () => ({ status: 202, body: { actionId, undo } }))
      .when(`GET ${path}/undo`, ({ query }) => ({
        body: { undo: { ...undo, skipped: 2 }, items: [item], ...(!query.has('cursor') && { cursor: 'next' }) },
      }));
    const { code, stdout } = await rollcall('undo', actionId);
    expect(code).toBe(1);
    expect(stdout).toMatch(/ 7 +e-7 +Changed by another\./);
    const { skipped } = JSON.parse((await rollcall('undo', actionId, '--json')).stdout);
    expect(skipped).toEqual([item, item]);
  });
});

describe('GIVEN an action to retry in part', () => {
  it('WHEN codes and rows are named THEN these are asked for', async () => {
    server.when(`POST ${path}/retry`, () => ({ status: 409, body: problem('nothing_selected', 409, 'No such row.') }));
    await rollcall('retry', actionId, '--code', 'service_busy', '--code', 'service_timeout', '--rows', '2-500');
    await rollcall('retry', actionId, '--rows', '17');
    await rollcall('retry', actionId);
    expect(server.received(`POST ${path}/retry`).map(({ body }) => JSON.parse(String(body)))).toEqual([
      { codes: ['service_busy', 'service_timeout'], rows: { from: 2, to: 500 } },
      { rows: { from: 17, to: 17 } },
      {},
    ]);
  });

  it.each(['x', '5-2', '0', '-3'])('WHEN the rows are %j THEN nothing is asked of the service', async (rows) => {
    const { code } = await rollcall('retry', actionId, `--rows=${rows}`);
    expect({ code, requests: server.requests }).toEqual({ code: 2, requests: [] });
  });
});
