import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActionStatus, actionStatuses, actionTransitions, noCounts } from '../../lambdas/model/action.ts';
import { collect } from '../steps/step-stores.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

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

async function openIds(): Promise<string[]> {
  return (await collect(stores.actions.open())).map(({ actionId }) => actionId);
}

describe('GIVEN an action in a status', () => {
  const pairs = actionStatuses.flatMap((from) => actionStatuses.map((to) => ({ from, to })));
  it.each(pairs)('WHEN it is $from and is to become $to THEN only if that may follow', async ({ from, to }) => {
    const { accountId, actionId } = await created({ status: from });
    const move = stores.actions.transition(accountId, actionId, to);
    if (actionTransitions[from].includes(to)) await expect(move).resolves.toBe(true);
    else if (from === to) await expect(move).resolves.toBe(false);
    else await expect(move).rejects.toMatchObject({ code: 'illegal_transition' });
    const expected: ActionStatus = actionTransitions[from].includes(to) ? to : from;
    expect((await stores.actions.get(accountId, actionId)).status).toBe(expected);
  });

  it('WHEN it has ended THEN nothing is recorded any more', async () => {
    const { accountId, actionId } = await created({ status: 'completed' });
    const late = { counts: { ...noCounts, created: 9 } };
    expect(await stores.actions.record(accountId, actionId, late)).toBe(false);
    expect((await stores.actions.get(accountId, actionId)).counts.created).toBe(0);
  });

  it('WHEN another account asks for it THEN there is no such action', async () => {
    const { actionId } = await created();
    expect(await stores.actions.find('other', actionId)).toBeUndefined();
    await expect(stores.actions.get('other', actionId)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('GIVEN actions that have not ended', () => {
  it('WHEN the open ones are asked for THEN those with the nearest deadline come first, and none that has ended', async () => {
    const late = await created({ deadlineAt: inSeconds(7_200) });
    const soon = await created({ deadlineAt: inSeconds(60) });
    const ended = await created({ deadlineAt: inSeconds(30) });
    await stores.actions.transition(ended.accountId, ended.actionId, 'failed');
    const ids = await openIds();
    expect(ids).not.toContain(ended.actionId);
    expect(ids.indexOf(soon.actionId)).toBeLessThan(ids.indexOf(late.actionId));
    expect(ids.indexOf(soon.actionId)).toBeGreaterThanOrEqual(0);
  });
});

describe('GIVEN a reference and process', () => {
  it('WHEN many actions claim them at once THEN one gets them, and the others are told which', async () => {
    const referenceId = 'cmp-claimed';
    const actions = Array.from({ length: 8 }, () => newAction({ referenceId }));
    const outcomes = await Promise.allSettled(
      actions.map((action) => stores.actions.createClaiming(action, stores.references)),
    );
    const winners = actions.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    const [winner] = winners;
    for (const [index, action] of actions.entries()) {
      if (action === winner) continue;
      expect(outcomes[index]).toMatchObject({
        reason: { code: 'action_running', members: { actionId: winner?.actionId } },
      });
      // The losers were not created either.
      expect(await stores.actions.find(action.accountId, action.actionId)).toBeUndefined();
    }
  });
});

describe('GIVEN batches that have answered', () => {
  it('WHEN one answers twice THEN it counts once, and those of another run do not', async () => {
    const action = await created({ status: 'processing' });
    await stores.actions.markBatch(action, { batch: 1, created: 100, failed: 0 });
    await stores.actions.markBatch(action, { batch: 2, created: 40, failed: 10 });
    await stores.actions.markBatch(action, { batch: 2, created: 45, failed: 5 });
    await stores.actions.markBatch({ ...action, run: 1 }, { batch: 3, created: 1, failed: 0 });
    expect(await stores.actions.progress(action)).toMatchObject({ done: 2, created: 145, failed: 5 });
    expect(await stores.actions.answeredBatches(action)).toEqual(new Set([1, 2]));
  });

  it('WHEN they come in any order and somebody looks now and then THEN each look has the sums of all', async () => {
    const action = await created({ status: 'processing' });
    const sums: unknown[] = [];
    for (const batch of [2, 1, 4, 3, 6, 5]) {
      await stores.actions.markBatch(action, { batch, created: 10 ** batch, failed: 1, workMs: batch, waitMs: 0 });
      const { done, created: entities, failed, milliseconds } = await stores.actions.progress(action);
      sums.push([done, entities, failed, milliseconds.work]);
    }
    expect(sums).toEqual([
      [1, 100, 1, [2]],
      [2, 110, 2, [1, 2]],
      [3, 10_110, 3, [1, 2, 4]],
      [4, 11_110, 4, [1, 2, 3, 4]],
      [5, 1_011_110, 5, [1, 2, 3, 4, 6]],
      [6, 1_111_110, 6, [1, 2, 3, 4, 5, 6]],
    ]);
    // Up to a batch before those that were looked at, and by several at once.
    const looks = await Promise.all([2, 6, 4].map((last) => stores.actions.progress(action, last)));
    expect(looks.map(({ done, created: entities }) => [done, entities])).toEqual([
      [2, 110],
      [6, 1_111_110],
      [4, 11_110],
    ]);
  });
});
