import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { problem, RollcallServer } from './rollcall-server.ts';
import { runCli } from './run-cli.ts';

const cwd = tmpdir();
const key = {
  keyId: '3f9c2b7e10d84f0c9a6b5d4e3c2b1a09',
  prefix: 'rk_3f9c2b7e10d84f0c9a6b5d4e3c2b1a09',
  accountId: 'acme',
  role: 'operator',
  name: 'nightly import',
  createdAt: '2026-03-13T10:00:00.000Z',
};

let server: RollcallServer;
beforeEach(async () => {
  server = new RollcallServer();
  await server.start();
});
afterEach(() => server.stop());

function rollcall(...args: string[]) {
  return runCli(['keys', ...args], { cwd, env: { ROLLCALL_ENDPOINT: server.url, ROLLCALL_KEY: server.key } });
}

describe('GIVEN the keys of an account', () => {
  it('WHEN they are listed THEN all pages come, and each says how it stands', async () => {
    server.when('GET /api/keys', ({ query }) => ({
      body: query.has('cursor')
        ? { items: [{ ...key, keyId: 'second', revokedAt: key.createdAt }] }
        : { items: [{ ...key, lastUsedAt: key.createdAt }], cursor: 'next' },
    }));
    const { code, stdout } = await rollcall('list', '--account', 'acme');
    expect(code).toBe(0);
    expect(stdout).toMatch(/3f9c\w+ +operator +nightly import +2026-03-13 .* good\n/);
    expect(stdout).toMatch(/second .* never +revoked 2026/);
    expect(server.received('GET /api/keys').map(({ query }) => query.get('accountId'))).toEqual(['acme', 'acme']);
    expect(JSON.parse((await rollcall('--json')).stdout)).toHaveLength(2);
  });

  it('WHEN one is created THEN the key alone is on standard output', async () => {
    server.when('POST /api/keys', () => ({ status: 201, body: { ...key, key: 'rk_shown_once' } }));
    const { code, stdout, stderr } = await rollcall('create', '--role', 'operator', '--name', 'nightly import');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'rk_shown_once\n' });
    expect(stderr).toContain(key.keyId);
    expect(JSON.parse(String(server.received('POST /api/keys')[0]?.body))).toEqual({
      role: 'operator',
      name: 'nightly import',
    });
  });

  it('WHEN one is revoked THEN it is asked for once, also if the service has a fault', async () => {
    const path = `DELETE /api/keys/${key.keyId}`;
    server.when(path, () => ({ status: 500, body: problem('internal_error', 500, 'A fault.') }));
    expect((await rollcall('revoke', key.keyId)).code).toBe(1);
    expect(server.received(path)).toHaveLength(1);
    server.when(path, () => ({ body: { ...key, revokedAt: key.createdAt } }));
    expect(await rollcall('revoke', key.keyId)).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('is revoked'),
    });
  });

  it.each([
    [['sell'], /no `keys sell`/],
    [['constructor'], /no `keys constructor`/],
    [['revoke'], /ID is missing/],
    [['create', '--name', 'x'], /--role is missing/],
    [['create', '--role', 'operator'], /--name is missing/],
    [['create', '--role', 'owner', '--name', 'x'], /admin or operator/],
  ])('WHEN asked for %j THEN it says what is wrong and asks nothing of the service', async (args, message) => {
    const { code, stderr } = await rollcall(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(server.requests).toEqual([]);
  });
});
