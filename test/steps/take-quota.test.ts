import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import type { AccountLimits } from '../../lambdas/model/quota.ts';
import { RowCharger } from '../../lambdas/steps/charge-rows.ts';
import { takeQuota } from '../../lambdas/steps/take-quota.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** 30 rows at once and 60 a minute. */
const limits: AccountLimits = { requestsPerMinute: 100, recordsPerMinute: 60, burstRecords: 30 };

function chargerOf(own: Partial<AccountLimits> = {}) {
  return { actions: stores.actions, charger: new RowCharger(stores, { ...limits, ...own }) };
}

async function stagedAction(rows: number, own: Partial<BulkAction> = {}): Promise<BulkAction> {
  const counts = { ...noCounts, rows, pending: rows };
  const action = newAction({ accountId: `t-${randomUUID()}`, status: 'validating', counts, ...own });
  await stores.actions.create(action);
  return action;
}

const stored = ({ accountId, actionId }: BulkAction) => stores.actions.get(accountId, actionId);

describe('takeQuota', () => {
  test('GIVEN room for all rows WHEN taken, even twice THEN they are charged once', async () => {
    const action = await stagedAction(20);
    for (let time = 0; time < 2; time++) {
      expect(await takeQuota(chargerOf(), action)).toEqual({ outcome: 'taken', waitSeconds: 0 });
    }
    expect(await stored(action)).toMatchObject({ charged: { run: 0, records: 20 } });
    const bucket = { accountId: action.accountId, quota: 'records', perMinute: 60, capacity: 30 } as const;
    expect((await stores.quotas.look(bucket)).remaining).toBeLessThanOrEqual(12);
  });

  test('GIVEN a sheet larger than the bucket WHEN taken THEN what is there is charged, and the rest is waited for', async () => {
    const action = await stagedAction(80);
    const { outcome, waitSeconds } = await takeQuota(chargerOf(), action);
    expect(outcome).toBe('wait');
    // 50 rows at one a second, and up to a quarter more.
    expect(waitSeconds).toBeGreaterThanOrEqual(49);
    expect(waitSeconds).toBeLessThanOrEqual(63);
    expect(await stored(action)).toMatchObject({ waitingFor: 'quota', charged: { run: 0, records: 30 } });
  });

  test('GIVEN an action that waits WHEN the rest has come back THEN it goes on, and waits for nothing', async () => {
    const action = await stagedAction(80);
    await takeQuota(chargerOf(), action);
    await stores.quotas.fill(action.accountId, ['records']);
    expect(await takeQuota(chargerOf(), action)).toMatchObject({ outcome: 'wait' });
    expect(await stored(action)).toMatchObject({ charged: { records: 60 } });
    await stores.quotas.fill(action.accountId, ['records']);
    expect(await takeQuota(chargerOf(), action)).toMatchObject({ outcome: 'taken' });
    const after = await stored(action);
    expect(after).toMatchObject({ charged: { records: 80 } });
    expect(after.waitingFor).toBeUndefined();
  });

  test('GIVEN an account with limits of its own WHEN taken THEN they count, not the defaults', async () => {
    const action = await stagedAction(80);
    const { accountId } = action;
    await stores.accounts.create({ accountId, name: 'a', limits: { burstRecords: 100 }, createdAt: action.createdAt });
    expect(await takeQuota(chargerOf(), action)).toMatchObject({ outcome: 'taken' });
  });

  test('GIVEN a deadline before the rest can have come WHEN taken THEN it is given up at once, and says why', async () => {
    const action = await stagedAction(200, { deadlineAt: inSeconds(60) });
    expect(await takeQuota(chargerOf(), action)).toEqual({ outcome: 'never', waitSeconds: 0 });
    const { problem, waitingFor } = await stored(action);
    expect(problem).toMatchObject({ code: 'quota_exceeded', detail: expect.stringContaining('60 records a minute') });
    expect(waitingFor).toBeUndefined();
  });

  test('GIVEN a retry WHEN taken THEN what failed is charged, and what the first run paid does not count', async () => {
    const counts = { ...noCounts, rows: 100, created: 90, pending: 10 };
    const action = await stagedAction(0, { run: 1, counts, charged: { run: 0, records: 100, at: 0 } });
    expect(await takeQuota(chargerOf(), action)).toMatchObject({ outcome: 'taken' });
    expect(await stored(action)).toMatchObject({ charged: { run: 1, records: 10 } });
  });

  test('GIVEN an action that ended, is being cancelled, or whose next run has begun WHEN taken THEN nothing is charged', async () => {
    const ended = await stagedAction(10, { status: 'cancelled' });
    const cancelled = await stagedAction(10, { cancelRequestedAt: inSeconds(-1) });
    const earlier = await stagedAction(10, { run: 2 });
    expect(await takeQuota(chargerOf(), ended)).toMatchObject({ outcome: 'ended' });
    expect(await takeQuota(chargerOf(), cancelled)).toMatchObject({ outcome: 'ended' });
    expect(await takeQuota(chargerOf(), { ...earlier, run: 1 })).toMatchObject({ outcome: 'ended' });
    expect((await stored(ended)).charged).toBeUndefined();
  });
});
