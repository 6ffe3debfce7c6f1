import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AccountLimits } from '../../lambdas/model/quota.ts';
import { leasing, RequestLimiter } from '../../lambdas/operations/limit-requests.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());
afterEach(() => vi.restoreAllMocks());

const limitsOf = (requestsPerMinute: number): AccountLimits => ({
  requestsPerMinute,
  recordsPerMinute: 1,
  burstRecords: 1,
});

/** How many of the requests get through instances that work side by side, each at one request at a time as on Lambda. */
async function admitted(instances: number, requests: number, limits: AccountLimits): Promise<number> {
  const accountId = `t-${randomUUID()}`;
  const counts = await Promise.all(
    Array.from({ length: instances }, async () => {
      const limiter = new RequestLimiter(stores.quotas);
      let passed = 0;
      for (let n = 0; n < requests / instances; n++) {
        const { retryAfterSeconds } = await limiter.admit(accountId, limits);
        if (retryAfterSeconds === undefined) passed++;
      }
      return passed;
    }),
  );
  return counts.reduce((sum, passed) => sum + passed, 0);
}

describe('the limit of requests', () => {
  test('GIVEN a small limit WHEN 5 instances get 50 requests at once THEN as many pass as it allows', async () => {
    const before = Date.now();
    const passed = await admitted(5, 50, limitsOf(20));
    const cameBack = Math.ceil(((Date.now() - before) * 20) / 60_000);
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThanOrEqual(20 + cameBack);
  });

  test('GIVEN a limit of many WHEN instances lease of it THEN together never more pass than it allows', async () => {
    const limits = limitsOf(1_200);
    const before = Date.now();
    const passed = await admitted(8, 3_000, limits);
    const cameBack = Math.ceil(((Date.now() - before) * 1_200) / 60_000);
    expect(passed).toBeLessThanOrEqual(1_200 + cameBack);
    expect(passed).toBeGreaterThan(0);
  });

  test('GIVEN a limit of many WHEN one instance answers all THEN it writes for fewer and fewer of them', async () => {
    const take = vi.spyOn(stores.quotas, 'takeUpTo');
    const limiter = new RequestLimiter(stores.quotas);
    const limits = limitsOf(60_000);
    for (let n = 0; n < 200; n++) await limiter.admit('often', limits);
    // 1, 2, 4 … 128, and some more where a second was over in between.
    expect(take.mock.calls.length).toBeLessThanOrEqual(12);
    expect(leasing(limits)).toEqual({ most: 1_000, bucket: { perMinute: 60_000, capacity: 59_000 } });
  });

  test('GIVEN eight instances that answer now and then WHEN that goes on THEN nobody is refused below the limit', async () => {
    const limits = limitsOf(600);
    const limiters = Array.from({ length: 8 }, () => new RequestLimiter(stores.quotas));
    const start = Date.now();
    const clock = vi.spyOn(Date, 'now');
    let refused = 0;
    for (let second = 0; second < 90; second++) {
      clock.mockReturnValue(start + second * 1_000);
      const answers = await Promise.all(limiters.map((limiter) => limiter.admit('now-and-then', limits)));
      refused += answers.filter(({ retryAfterSeconds }) => retryAfterSeconds !== undefined).length;
    }
    expect(refused).toBe(0);
  });

  test('GIVEN an account that has none left WHEN it goes on asking THEN it is told when to come, without a write', async () => {
    const limiter = new RequestLimiter(stores.quotas);
    const limits = limitsOf(1);
    expect(await limiter.admit('greedy', limits)).toMatchObject({ remaining: 0 });
    expect((await limiter.admit('greedy', limits)).retryAfterSeconds).toBeGreaterThan(50);
    const take = vi.spyOn(stores.quotas, 'takeUpTo');
    expect((await limiter.admit('greedy', limits)).retryAfterSeconds).toBeGreaterThan(50);
    expect(take).not.toHaveBeenCalled();
  });
});
