import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { formatApiKey, hashSecret, newApiKey } from '../../lambdas/model/api-key.ts';
import { findCaller, RecentCallers } from '../../lambdas/operations/find-caller.ts';
import { seedAdminKey } from '../../lambdas/operations/seed-admin-key.ts';
import type { ApiKeyStore, StoredApiKey } from '../../lambdas/store/api-key-store.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
let keys: ApiKeyStore;
beforeAll(async () => {
  stores = await startTestStores();
  keys = stores.keys;
});
afterAll(() => stores.stop());
afterEach(() => vi.restoreAllMocks());

async function storedKey(keyId: string, own: Partial<StoredApiKey> = {}) {
  const key = newApiKey(keyId);
  const createdAt = new Date().toISOString();
  await keys.save({
    keyId,
    accountId: 'acme',
    role: 'operator',
    secretHash: hashSecret(key.secret),
    name: keyId,
    createdAt,
    ...own,
  });
  return key;
}

describe('findCaller', () => {
  test('GIVEN a stored key WHEN it is sent THEN its account and role are known, and nothing else of it', async () => {
    const key = await storedKey('k1');
    await expect(findCaller(keys, formatApiKey(key))).resolves.toEqual({
      accountId: 'acme',
      keyId: 'k1',
      role: 'operator',
    });
  });

  test('GIVEN a wrong secret, an unknown key, no key WHEN sent THEN nobody calls', async () => {
    await storedKey('k2');
    const wrong = formatApiKey(newApiKey('k2'));
    for (const text of [wrong, formatApiKey(newApiKey('k3')), 'nonsense', '', undefined]) {
      await expect(findCaller(keys, text)).resolves.toBeUndefined();
    }
  });

  test('GIVEN a revoked key WHEN it is sent THEN nobody calls', async () => {
    const key = await storedKey('k4', { revokedAt: new Date().toISOString() });
    await expect(findCaller(keys, formatApiKey(key))).resolves.toBeUndefined();
  });

  test('GIVEN stored keys WHEN the table is read THEN no secret stands in it', async () => {
    const key = await storedKey('k5');
    expect(JSON.stringify(await keys.find('k5'))).not.toContain(key.secret);
  });
});

describe('RecentCallers', () => {
  const defaults = { requestsPerMinute: 1, recordsPerMinute: 2, burstRecords: 3 };
  const recent = () => new RecentCallers({ ...stores, defaults });

  test('GIVEN an account with a limit of its own WHEN it calls THEN that holds, and the defaults for the others', async () => {
    await stores.accounts.create({ accountId: 'big', name: 'Big', limits: { burstRecords: 9 }, createdAt: '2026' });
    const key = await storedKey('k6', { accountId: 'big' });
    expect((await recent().find(formatApiKey(key)))?.limits).toEqual({ ...defaults, burstRecords: 9 });
  });

  test('GIVEN a key in use everywhere WHEN instances look it up THEN its use is written down once a minute', async () => {
    const key = await storedKey('k7');
    const note = vi.spyOn(keys, 'noteUse');
    await Promise.all(Array.from({ length: 5 }, () => recent().find(formatApiKey(key))));
    const noted = await Promise.all(note.mock.results.map(({ value }) => value));
    expect(noted.filter(Boolean)).toHaveLength(1);
    note.mockClear();
    await recent().find(formatApiKey(key));
    expect(note).not.toHaveBeenCalled();
    expect((await keys.find('k7'))?.lastUsedAt).toBeDefined();
  });

  test('GIVEN a key whose use lies back WHEN it is used THEN that is written down', async () => {
    const key = await storedKey('k8', { lastUsedAt: '2026-01-01T00:00:00.000Z' });
    await recent().find(formatApiKey(key));
    expect((await keys.find('k8'))?.lastUsedAt).not.toBe('2026-01-01T00:00:00.000Z');
  });

  test('GIVEN a caller who is remembered WHEN the key expires THEN they are not let in any more', async () => {
    const end = Date.now() + 20_000;
    const key = await storedKey('k9', { validUntil: new Date(end).toISOString() });
    const callers = recent();
    expect(await callers.find(formatApiKey(key))).toBeDefined();
    vi.spyOn(Date, 'now').mockReturnValue(end);
    expect(await callers.find(formatApiKey(key))).toBeUndefined();
  });
});

describe('seedAdminKey', () => {
  const [first, second] = ['a1B2'.repeat(12), 'c3D4'.repeat(12)];

  test('GIVEN a secret WHEN seeded, even twice THEN it is the administrator’s key, bare or named', async () => {
    await seedAdminKey(stores, first);
    await seedAdminKey(stores, first);
    const admin = { accountId: 'default', keyId: 'admin', role: 'admin' };
    expect(await stores.accounts.find('default')).toMatchObject({ name: 'First account', limits: {} });
    await expect(findCaller(keys, first)).resolves.toEqual(admin);
    await expect(findCaller(keys, `rk_admin_${first}`)).resolves.toEqual(admin);
  });

  test('GIVEN another secret WHEN seeded THEN the former is no longer good', async () => {
    await seedAdminKey(stores, first);
    await seedAdminKey(stores, second);
    await expect(findCaller(keys, first)).resolves.toBeUndefined();
    await expect(findCaller(keys, second)).resolves.toMatchObject({ role: 'admin' });
  });

  test('GIVEN a secret that can be no key WHEN seeded THEN it is refused without being named', async () => {
    const refusal = await seedAdminKey(stores, 'p@ss word').catch((error: Error) => error);
    expect(refusal).toBeInstanceOf(Error);
    expect(String(refusal)).not.toContain('p@ss');
  });
});
