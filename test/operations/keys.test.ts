import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatApiKey, hashSecret, newApiKey } from '../../lambdas/model/api-key.ts';
import { findCaller } from '../../lambdas/operations/find-caller.ts';
import { seedAdminKey } from '../../lambdas/operations/seed-admin-key.ts';
import type { ApiKeyStore } from '../../lambdas/store/api-key-store.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
let keys: ApiKeyStore;
beforeAll(async () => {
  stores = await startTestStores();
  keys = stores.keys;
});
afterAll(() => stores.stop());

describe('findCaller', () => {
  async function storedKey(keyId: string, revokedAt?: string) {
    const key = newApiKey(keyId);
    const createdAt = new Date().toISOString();
    await keys.save({
      keyId,
      accountId: 'acme',
      role: 'operator',
      secretHash: hashSecret(key.secret),
      name: keyId,
      createdAt,
      ...(revokedAt !== undefined && { revokedAt }),
    });
    return key;
  }

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
    const key = await storedKey('k4', new Date().toISOString());
    await expect(findCaller(keys, formatApiKey(key))).resolves.toBeUndefined();
  });

  test('GIVEN stored keys WHEN the table is read THEN no secret stands in it', async () => {
    const key = await storedKey('k5');
    expect(JSON.stringify(await keys.find('k5'))).not.toContain(key.secret);
  });
});

describe('seedAdminKey', () => {
  const [first, second] = ['a1B2'.repeat(12), 'c3D4'.repeat(12)];

  test('GIVEN a secret WHEN seeded, even twice THEN it is the administrator’s key, bare or named', async () => {
    await seedAdminKey(stores, first);
    await seedAdminKey(stores, first);
    const admin = { accountId: 'default', keyId: 'admin', role: 'admin' };
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
