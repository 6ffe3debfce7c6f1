import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import { revivedChunkName } from '../../lambdas/model/staged-row.ts';
import { checkAction } from '../../lambdas/steps/check-action.ts';
import { claimReference } from '../../lambdas/steps/claim-reference.ts';
import { measureProgress, waitFor } from '../../lambdas/steps/measure-progress.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { inputOf } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

async function created(own: Parameters<typeof newAction>[0] = {}) {
  const action = newAction(own);
  await stores.actions.create(action);
  return action;
}

describe('GIVEN two actions of one reference and process', () => {
  async function two(referenceId: string) {
    const [first, second] = [await created({ referenceId }), await created({ referenceId })];
    expect(await claimReference(stores, inputOf(first))).toMatchObject({ outcome: 'claimed', retry: false });
    return { first, second };
  }

  it('WHEN the second wants its turn THEN it waits, and the first may ask again', async () => {
    const { first, second } = await two('cmp-turns');
    expect(await claimReference(stores, inputOf(second))).toMatchObject({ outcome: 'busy' });
    expect(await claimReference(stores, inputOf(first))).toMatchObject({ outcome: 'claimed' });
    expect((await stores.actions.get(second.accountId, second.actionId)).status).toBe('pending');
  });

  it('WHEN the first has ended without giving its turn back THEN the second gets it, and looks for what was left', async () => {
    const { first, second } = await two('cmp-succession');
    await stores.actions.transition(first.accountId, first.actionId, 'failed');
    expect(await claimReference(stores, inputOf(second))).toMatchObject({ outcome: 'claimed' });
    expect(await stores.references.process(second)).toMatchObject({ runningActionId: second.actionId, clean: false });
  });

  it('WHEN the second has waited until its deadline THEN it gives up', async () => {
    const { second } = await two('cmp-deadline');
    await stores.actions.record(second.accountId, second.actionId, { deadlineAt: inSeconds(-1) });
    await expect(claimReference(stores, inputOf(second))).rejects.toMatchObject({ name: 'DeadlineError' });
  });

  it.each([
    { name: 'has ended meanwhile', own: { status: 'failed' } },
    { name: 'is in another run', own: { run: 1 } },
  ] as const)('WHEN one $name THEN it needs no turn', async ({ own }) => {
    const action = await created(own);
    expect(await claimReference(stores, { ...inputOf(action), run: 0 })).toMatchObject({ outcome: 'ended' });
    expect(await stores.references.process(action)).toBeUndefined();
  });
});

describe('GIVEN an action whose batches are under way', () => {
  const times = { settleSeconds: 60, stallSeconds: 30 };
  const since = (seconds: number) => ({ done: 1, since: inSeconds(-seconds), dispatchedAt: inSeconds(-60) });
  const measure = async (own: Parameters<typeof newAction>[0]) => {
    // More batches than are waited for within one look.
    const action = await created({ status: 'processing', batches: { total: 40, done: 1 }, ...own });
    await stores.actions.markBatch(action, { batch: 1, created: 100, failed: 0 });
    return { action, ...(await measureProgress(stores.actions, { ...inputOf(action), level: 0 }, times)) };
  };

  it('WHEN they move THEN it waits for as long as the pace suggests', async () => {
    expect(await measure({ movement: since(5) })).toMatchObject({ outcome: 'wait', waitSeconds: 60 });
  });

  it('WHEN they have not moved for too long THEN it is stalled, and a new answer starts the time again', async () => {
    const { outcome, action } = await measure({ movement: since(31) });
    expect(outcome).toBe('stalled');
    await stores.actions.markBatch(action, { batch: 2, created: 100, failed: 0 });
    const again = await measureProgress(stores.actions, { ...inputOf(action), level: 0 }, times);
    expect(again.outcome).toBe('wait');
  });

  it('WHEN its deadline is over THEN it is stalled however well it moves', async () => {
    expect(await measure({ movement: since(1), deadlineAt: inSeconds(-1) })).toMatchObject({ outcome: 'stalled' });
  });

  it('WHEN all have answered THEN it is settled at once, though the deadline is over', async () => {
    const batches = { total: 1, done: 0 };
    expect(await measure({ batches, movement: since(1), deadlineAt: inSeconds(-1) })).toMatchObject({
      outcome: 'settle',
    });
  });

  it.each([
    { done: 0, elapsed: 1, waits: 1 },
    { done: 0, elapsed: 20, waits: 10 },
    { done: 50, elapsed: 10, waits: 10 },
    { done: 99, elapsed: 10, waits: 1 },
    // 3.6 seconds: a look too early costs less than one too late.
    { done: 66, elapsed: 7, waits: 3 },
    { done: 1, elapsed: 100, waits: 60 },
  ])('WHEN $done of 100 are done after $elapsed s THEN the next look is in $waits s', ({ done, elapsed, waits }) => {
    expect(waitFor(done, 100, elapsed, times)).toBe(waits);
  });
});

describe('GIVEN recounted chunks', () => {
  const times = { settleSeconds: 60, stallSeconds: 30 };
  const counts = { rows: 10, created: 7, known: 1, failed: 2 };

  it('WHEN nothing is pending THEN the sheet and the revived rows are counted apart', async () => {
    const action = await created({ status: 'processing' });
    const settled = [
      { chunk: '000000', counts },
      { chunk: '000001', counts },
      { chunk: revivedChunkName(0), counts },
    ];
    expect(await checkAction(stores.actions, { ...inputOf(action), settled }, times)).toMatchObject({
      outcome: 'settled',
    });
    expect(await stores.actions.get(action.accountId, action.actionId)).toMatchObject({
      counts: { ...noCounts, rows: 20, created: 14, known: 2, failed: 4 },
      revived: { rows: 10, created: 8, failed: 2 },
    });
  });

  it.each([
    { name: 'moves', seconds: 1, outcome: 'wait' },
    { name: 'does not move', seconds: 31, outcome: 'stalled' },
  ])('WHEN a row is pending and the rest $name THEN the outcome is $outcome', async ({ seconds, outcome }) => {
    const movement = { done: 1, since: inSeconds(-seconds), dispatchedAt: inSeconds(-60) };
    const action = await created({ status: 'processing', movement });
    const settled = [{ chunk: '000000', counts: { ...counts, pending: 1 } }];
    expect(await checkAction(stores.actions, { ...inputOf(action), settled }, times)).toMatchObject({ outcome });
  });
});
