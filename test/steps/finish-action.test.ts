import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { announceEnd } from '../../lambdas/steps/announce-end.ts';
import { failAction } from '../../lambdas/steps/fail-action.ts';
import { endAction } from '../../lambdas/steps/finish-action.ts';
import { sweepEnds } from '../../lambdas/steps/sweep-actions.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { collect, inputOf } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const movement = { done: 1, since: new Date().toISOString(), dispatchedAt: new Date().toISOString() };
const ran = { status: 'processing', movement } as const;

async function end(own: Partial<BulkAction>): Promise<BulkAction> {
  const action = newAction({ referenceId: 'cmp-1', ...own });
  await stores.actions.create(action);
  await stores.references.claim(action);
  await endAction(stores, action, 'completed');
  return action;
}

async function isClean(referenceId: string) {
  return (await stores.references.process(newAction({ referenceId })))?.clean;
}

describe('GIVEN an action that left failed rows behind', () => {
  it.each([
    { name: 'a sheet that could not be read', own: { status: 'validating' } },
    {
      name: 'a sheet with nothing but invalid rows',
      own: { status: 'validating', counts: { ...noCounts, invalid: 2 } },
    },
    { name: 'a retry of an older action', own: { ...ran, run: 1, counts: { ...noCounts, created: 1 } } },
  ] as const)('WHEN $name ends THEN the rows are still looked for', async ({ name, own }) => {
    const referenceId = `cmp-${name.replaceAll(' ', '-')}`;
    await end({ referenceId, ...ran, counts: { ...noCounts, failed: 1 } });
    await end({ referenceId, ...own });
    expect(await isClean(referenceId)).toBe(false);
  });

  it('WHEN an action ends that revived them all THEN nobody looks for them any more', async () => {
    const referenceId = 'cmp-revived';
    await end({ referenceId, ...ran, counts: { ...noCounts, failed: 1 } });
    await end({ referenceId, ...ran, counts: { ...noCounts, created: 2 } });
    expect(await isClean(referenceId)).toBe(true);
  });

  it('WHEN an action ends that revived them in vain THEN the rows are still looked for', async () => {
    const referenceId = 'cmp-in-vain';
    await end({
      referenceId,
      ...ran,
      counts: { ...noCounts, created: 2 },
      revived: { rows: 1, created: 0, failed: 1 },
    });
    expect(await isClean(referenceId)).toBe(false);
  });
});

describe('GIVEN an action that was killed between its end and giving its reference free', () => {
  it('WHEN its end comes again THEN the reference is free', async () => {
    const action = newAction({ referenceId: 'cmp-killed', ...ran });
    await stores.actions.create(action);
    await stores.references.claim(action);
    await stores.actions.transition(action.accountId, action.actionId, 'completed');
    await endAction(stores, await stores.actions.get(action.accountId, action.actionId), 'completed');
    expect(await stores.references.process(action)).not.toHaveProperty('runningActionId');
  });
});

describe('GIVEN an action that ends', () => {
  const toldOf = ({ actionId }: BulkAction) => stores.told.filter((event) => event.actionId === actionId);
  const owed = async ({ actionId }: BulkAction) =>
    (await collect(stores.actions.unannounced())).some((action) => action.actionId === actionId);

  it('WHEN it has THEN the world is told once, with figures and no row', async () => {
    const counts = { ...noCounts, rows: 2, created: 2 };
    const action = await end({ referenceId: 'cmp-told', ...ran, counts });
    await endAction(stores, await stores.actions.get(action.accountId, action.actionId), 'completed');
    expect(toldOf(action)).toEqual([
      {
        eventId: expect.any(String),
        ...inputOf(action),
        referenceId: 'cmp-told',
        processName: 'facilityCreation',
        action: 'insert',
        status: 'completed',
        counts,
        revived: { rows: 0, created: 0, failed: 0 },
        reportUrl: `/api/bulk-actions/${action.actionId}/report`,
        finishedAt: expect.stringMatching(/Z$/),
      },
    ]);
    expect(await owed(action)).toBe(false);
  });

  it('WHEN it was killed before it told THEN the sweep tells, and not while somebody else may', async () => {
    const action = await endedInSilence();
    const sweep = (idleSeconds: number) => sweepEnds(stores, new Date(Date.now() - idleSeconds * 1_000).toISOString());
    await sweep(60);
    expect(toldOf(action)).toEqual([]);
    await sweep(-60);
    await sweep(-60);
    expect(toldOf(action)).toHaveLength(1);
  });

  it('WHEN it was killed between telling and noting THEN it is told again under the same id', async () => {
    const action = await endedInSilence();
    const ended = await stores.actions.get(action.accountId, action.actionId);
    await announceEnd(stores, ended);
    await announceEnd(stores, ended);
    const [first, second, ...more] = toldOf(action);
    expect(second).toEqual(first);
    expect(more).toEqual([]);
  });

  it('WHEN its next run ends too THEN that is another event', async () => {
    const action = await end({ referenceId: 'cmp-runs', ...ran });
    const { finishedAt, movement: past, ...ended } = await stores.actions.get(action.accountId, action.actionId);
    const next = { ...ended, status: 'pending' as const, run: 1 };
    await stores.actions.beginRun(next);
    await endAction(stores, next, 'failed');
    const ids = toldOf(action).map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(2);
    expect(ids).toHaveLength(2);
  });

  /** An action whose function was killed right after the write that ended it. */
  async function endedInSilence(): Promise<BulkAction> {
    const action = newAction(ran);
    await stores.actions.create(action);
    await stores.actions.transition(action.accountId, action.actionId, 'failed');
    expect(await owed(action)).toBe(true);
    return action;
  }
});

describe('GIVEN a retry that has begun', () => {
  it('WHEN the way out of the run before comes again THEN it leaves the new run alone', async () => {
    const action = newAction({ ...ran, run: 1 });
    await stores.actions.create(action);
    const late = { ...inputOf(action), run: 0, error: { Error: 'States.Timeout' }, abandon: true };
    expect(await failAction(stores, late)).toMatchObject({ settle: [] });
    expect(await stores.actions.get(action.accountId, action.actionId)).toMatchObject({ status: 'processing', run: 1 });
  });
});
