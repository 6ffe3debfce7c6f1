import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { failAction } from '../../lambdas/steps/fail-action.ts';
import { endAction } from '../../lambdas/steps/finish-action.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { inputOf } from './step-stores.ts';

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

describe('GIVEN a retry that has begun', () => {
  it('WHEN the way out of the run before comes again THEN it leaves the new run alone', async () => {
    const action = newAction({ ...ran, run: 1 });
    await stores.actions.create(action);
    const late = { ...inputOf(action), run: 0, error: { Error: 'States.Timeout' }, abandon: true };
    expect(await failAction(stores, late)).toEqual({ settle: [] });
    expect(await stores.actions.get(action.accountId, action.actionId)).toMatchObject({ status: 'processing', run: 1 });
  });
});
