import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import type { EndedRun } from '../../lambdas/store/account-days.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** An action of ten rows that failed with one of them; `own` says what is different. */
function ended(accountId: string, own: Partial<EndedRun> = {}): EndedRun {
  return {
    accountId,
    actionId: randomUUID(),
    run: 0,
    status: 'failed',
    counts: { ...noCounts, rows: 10, created: 9, failed: 1 },
    finishedAt: '2026-03-13T23:59:59.999Z',
    ...own,
  };
}

describe('GIVEN actions that have ended', () => {
  it('WHEN their ends are told many times at the same moment THEN each is counted once', async () => {
    const ends = Array.from({ length: 20 }, () => ended('parallel'));
    const told = await Promise.all([...ends, ...ends, ...ends].map((end) => stores.accountDays.count(end)));
    expect(told.filter(Boolean)).toHaveLength(20);
    expect(await stores.accountDays.list('parallel', '2026-03-01')).toEqual([
      {
        day: '2026-03-13',
        byStatus: { completed: 0, completed_with_failures: 0, failed: 20, cancelled: 0 },
        counts: { ...noCounts, rows: 200, created: 180, failed: 20 },
      },
    ]);
  });

  it.each([
    { name: 'the same day', finishedAt: '2026-03-13T23:59:59.999Z', days: ['2026-03-13'] },
    { name: 'a later day', finishedAt: '2026-03-14T00:00:00.000Z', days: ['2026-03-13', '2026-03-14'] },
  ])(
    'WHEN a retry ends on $name THEN the action counts there, and the run before no more',
    async ({ finishedAt, days }) => {
      const first = ended(`retry-${days.length}`);
      await stores.accountDays.count(first);
      const second = {
        ...first,
        run: 1,
        status: 'completed',
        counts: { ...noCounts, rows: 10, created: 10 },
        finishedAt,
      } as const;
      expect(await stores.accountDays.count(second)).toBe(true);
      // The event of the run before may come late, or again.
      expect(await stores.accountDays.count(first)).toBe(false);
      const told = await stores.accountDays.list(first.accountId, '2026-03-01');
      expect(told.map(({ day }) => day)).toEqual(days);
      expect(told.at(-1)).toMatchObject({ byStatus: { completed: 1, failed: 0 }, counts: second.counts });
      for (const { byStatus, counts } of told.slice(0, -1)) {
        expect(Object.values(byStatus).every((count) => count === 0)).toBe(true);
        expect(counts).toEqual(noCounts);
      }
    },
  );

  it('WHEN days are asked for THEN earlier ones, and those of other accounts, are not told', async () => {
    await stores.accountDays.count(ended('days'));
    await stores.accountDays.count(ended('days', { finishedAt: '2026-03-20T12:00:00.000Z' }));
    await stores.accountDays.count(ended('days-of-another', { finishedAt: '2026-03-20T12:00:00.000Z' }));
    const told = await stores.accountDays.list('days', '2026-03-14');
    expect(told.map(({ day, counts }) => [day, counts.rows])).toEqual([['2026-03-20', 10]]);
  });
});
