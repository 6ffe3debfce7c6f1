import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QuotaBucket } from '../../lambdas/store/quota-store.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** So slow that nothing comes back while a test runs. */
function slowBucket(capacity: number): QuotaBucket {
  return { accountId: `t-${randomUUID()}`, quota: 'records', perMinute: 1, capacity };
}

describe('a bucket in the table', () => {
  test('GIVEN a full one WHEN 50 take of it at the same moment THEN just what it holds is given', async () => {
    const bucket = slowBucket(37);
    const takings = await Promise.all(Array.from({ length: 50 }, () => stores.quotas.take(bucket, 1)));
    expect(takings.reduce((sum, { taken }) => sum + taken, 0)).toBe(37);
    expect(await stores.quotas.look(bucket)).toMatchObject({ remaining: 0 });
  });

  test('GIVEN 20 tokens WHEN many ask for all or nothing THEN those get it for whom there is enough', async () => {
    const bucket = slowBucket(20);
    const takings = await Promise.all(Array.from({ length: 10 }, () => stores.quotas.take(bucket, 7)));
    expect(takings.map(({ taken }) => taken).sort((a, b) => b - a)).toEqual([7, 7, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(await stores.quotas.take(bucket, 6)).toMatchObject({ taken: 6, remaining: 0 });
  });

  test('GIVEN 5 tokens left WHEN up to 100 are asked for THEN all 5 are given, and then none', async () => {
    const bucket = slowBucket(20);
    await stores.quotas.take(bucket, 15);
    expect(await stores.quotas.takeUpTo(bucket, 100)).toMatchObject({ taken: 5, remaining: 0 });
    expect(await stores.quotas.takeUpTo(bucket, 100)).toMatchObject({ taken: 0 });
  });

  test('GIVEN a charge WHEN it is given back at once THEN it can be taken again', async () => {
    const bucket = slowBucket(20);
    const taking = await stores.quotas.take(bucket, 20);
    await stores.quotas.giveBack(bucket, taking);
    // The moment in between stays paid.
    expect((await stores.quotas.look(bucket)).remaining).toBeGreaterThanOrEqual(19);
  });

  test('GIVEN an empty one WHEN it is filled for new limits THEN it is full', async () => {
    const bucket = slowBucket(20);
    await stores.quotas.take(bucket, 20);
    await stores.quotas.fill(bucket.accountId, ['records']);
    expect(await stores.quotas.look(bucket)).toMatchObject({ remaining: 20 });
  });

  test('GIVEN one that refills WHEN time has passed THEN what it lacked is back, and no more than it holds', async () => {
    const bucket: QuotaBucket = { ...slowBucket(100), perMinute: 60_000_000 };
    for (let round = 0; round < 5; round++) {
      expect(await stores.quotas.take(bucket, 100)).toMatchObject({ taken: 100 });
    }
    expect((await stores.quotas.look(bucket)).remaining).toBeLessThanOrEqual(100);
  });

  test('GIVEN more than it ever holds WHEN asked for THEN that is a mistake of the caller', async () => {
    await expect(stores.quotas.take(slowBucket(3), 4)).rejects.toThrow('never holds 4');
  });
});
