import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { accountDetailsSchema, createdKeySchema, keyListSchema } from '../../lambdas/model/api/accounts.ts';
import type { AccountLimits } from '../../lambdas/model/quota.ts';
import { RollcallClient } from '../support/client.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const platform = new RollcallClient(sharedStack());
const processName = 'facilityCreation';

type CreatedKey = z.infer<typeof createdKeySchema>;
type KeyList = z.infer<typeof keyListSchema>;
type Account = z.infer<typeof accountDetailsSchema>;

/** Makes an account with these limits, and its first admin, as whoever runs the platform does. */
async function onboard(limits: Partial<AccountLimits> = {}) {
  const accountId = `t-${randomUUID()}`;
  const account = await platform.post('/api/accounts', { accountId, name: 'Tenant', ...limits });
  expect(account).toMatchObject({ status: 201, body: { accountId, ownLimits: limits } });
  const { body } = await platform.post<CreatedKey>('/api/keys', { accountId, role: 'admin', name: 'first' });
  return { accountId, admin: platform.withKey(body.key) };
}

describe('GIVEN a new account', () => {
  it('WHEN its admin makes keys THEN each is shown once, does what its role may, and is listed without its secret', async () => {
    const { accountId, admin } = await onboard();
    const created = await admin.post<CreatedKey>('/api/keys', { role: 'viewer', name: 'Dashboard' });
    expect(created).toMatchObject({ status: 201, body: { accountId, role: 'viewer', name: 'Dashboard' } });
    const { key, keyId, prefix } = created.body;
    expect(key.startsWith(prefix)).toBe(true);
    const viewer = platform.withKey(key);
    expect((await viewer.get('/api/bulk-actions')).status).toBe(200);
    expect((await viewer.post('/api/keys', { role: 'viewer', name: 'x' })).status).toBe(403);

    const listed = await admin.read<KeyList>('/api/keys');
    expect(listed.items.map(({ name }) => name)).toEqual(['Dashboard', 'first']);
    expect(listed.items[0]).toMatchObject({ keyId, prefix, lastUsedAt: expect.any(String) });
    expect(JSON.stringify(listed)).not.toContain(key.slice(prefix.length));
  });

  it('WHEN a key is revoked, even twice, THEN it is good for nothing, and nobody revokes the key in their hand', async () => {
    const { admin } = await onboard();
    const { body } = await admin.post<CreatedKey>('/api/keys', { role: 'operator', name: 'lost' });
    for (let time = 0; time < 2; time++) {
      const revoked = await admin.request('DELETE', `/api/keys/${body.keyId}`);
      expect(revoked).toMatchObject({ status: 200, body: { revokedAt: expect.any(String) } });
    }
    expect(await platform.withKey(body.key).get('/api/bulk-actions')).toMatchObject({ status: 401 });
    const [own] = (await admin.read<KeyList>('/api/keys')).items.filter(({ name }) => name === 'first');
    const suicide = await admin.request('DELETE', `/api/keys/${own?.keyId}`);
    expect(suicide).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  });

  it('WHEN a key is to expire in the past THEN it is not made, and one that has expired is no key', async () => {
    const { admin } = await onboard();
    const key = { role: 'viewer', name: 'short' };
    const past = await admin.post('/api/keys', { ...key, expiresAt: '2020-01-01T00:00:00Z' });
    const errors = [{ in: 'body', path: 'expiresAt', expected: 'a time to come', received: '"2020-01-01T00:00:00Z"' }];
    expect(past).toMatchObject({ status: 400, body: { code: 'invalid_request', errors } });
    const expiresAt = new Date(Date.now() + 1_000).toISOString();
    const { body } = await admin.post<CreatedKey>('/api/keys', { ...key, expiresAt });
    await expect
      .poll(async () => (await platform.withKey(body.key).get('/api/bulk-actions')).status, { timeout: 20_000 })
      .toBe(401);
  });

  it('WHEN its admin looks THEN the account is there with what is left, and only the platform may change it', async () => {
    const { accountId, admin } = await onboard({ burstRecords: 500, recordsPerMinute: 60 });
    const account = await admin.read<Account>(`/api/accounts/${accountId}`);
    expect(account.limits).toMatchObject({ burstRecords: 500, recordsPerMinute: 60 });
    expect(account.buckets).toContainEqual({ quota: 'records', capacity: 500, remaining: 500, fullInSeconds: 0 });
    const change = { name: 'Grown', burstRecords: 900 };
    expect(await admin.request('PUT', `/api/accounts/${accountId}`, { body: change })).toMatchObject({ status: 403 });
    const changed = await platform.request('PUT', `/api/accounts/${accountId}`, { body: change });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Grown', ownLimits: { burstRecords: 900 } } });
    expect((await platform.post('/api/accounts', { accountId, name: 'again' })).status).toBe(409);
  });
});

describe('GIVEN an account with small limits', () => {
  it('WHEN 50 clients ask at once THEN no more get through than its bucket holds, and each is told what is left', async () => {
    const { admin } = await onboard({ requestsPerMinute: 30 });
    const before = Date.now();
    const answers = await Promise.all(Array.from({ length: 50 }, () => admin.get('/api/bulk-actions')));
    const cameBack = Math.ceil(((Date.now() - before) * 30) / 60_000);
    const passed = answers.filter(({ status }) => status === 200);
    expect(passed.length).toBeGreaterThanOrEqual(30);
    expect(passed.length).toBeLessThanOrEqual(30 + cameBack);
    for (const { headers } of answers) {
      expect(headers.get('ratelimit-policy')).toBe('"requests";q=30;w=60');
      expect(headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+$/);
    }
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'too_many_requests', quota: 'requests' });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('WHEN 50 clients bring records at once THEN no more are taken than its bucket holds, and nothing is made of the rest', async () => {
    const { admin } = await onboard({ recordsPerMinute: 1, burstRecords: 20 });
    const records = facilities(3);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        admin.post('/api/bulk-actions', { referenceId: newReference(), processName, records }),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(6);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(44);
    expect(refused[0]?.body).toMatchObject({ quota: 'records', remaining: 2 });
    expect(refused[0]?.headers.get('ratelimit')).toMatch(/"records";r=2;t=\d+/);
    expect((await admin.read<{ items: unknown[] }>('/api/bulk-actions')).items).toHaveLength(6);
  });

  it('WHEN records are more than it ever has THEN that is said, and they are not charged', async () => {
    const { accountId, admin } = await onboard({ burstRecords: 4 });
    const body = { referenceId: newReference(), processName, records: facilities(5) };
    const answer = await admin.post('/api/bulk-actions', body);
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large', limitRecords: 4 } });
    const { buckets } = await admin.read<Account>(`/api/accounts/${accountId}`);
    expect(buckets).toContainEqual(expect.objectContaining({ quota: 'records', remaining: 4 }));
  });

  it('WHEN a sheet is larger than its bucket THEN it waits, shows that it does, and gets through little by little', async () => {
    const { admin } = await onboard({ recordsPerMinute: 600, burstRecords: 10 });
    const started = Date.now();
    const rows = facilities(40);
    const actionId = await admin.submit({ referenceId: newReference(), processName }, csvFile(facilitySheet(rows)));
    const waiting = await admin.until(actionId, ({ waitingFor }) => waitingFor === 'quota');
    expect(waiting).toMatchObject({ status: 'validating', counts: { rows: 40, pending: 40 } });
    const ended = await admin.ended(actionId);
    expect(ended).toMatchObject({ status: 'completed', counts: { created: 40 } });
    expect(ended.waitingFor).toBeUndefined();
    // 30 rows at ten a second.
    expect(Date.now() - started).toBeGreaterThanOrEqual(3_000);
  });

  it('WHEN a sheet could not get through before its deadline THEN it is given up at once, and every row is told', async () => {
    const { admin } = await onboard({ recordsPerMinute: 1, burstRecords: 1 });
    const rows = facilities(1_000);
    const actionId = await admin.submit({ referenceId: newReference(), processName }, csvFile(facilitySheet(rows)));
    expect(await admin.ended(actionId)).toMatchObject({
      status: 'failed',
      problem: { code: 'quota_exceeded' },
      counts: { rows: 1_000, created: 0, unprocessed: 1_000 },
    });
  });
});
