import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionStatus } from '../../lambdas/model/action.ts';
import { findProcess } from '../../lambdas/processes/registry.ts';
import { enterMapping } from '../../lambdas/steps/enter-mapping.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { bulkAction } from './actions.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** Actions of one reference, each of a process of its own, in the statuses given. */
async function actions(...own: { processName: string; status: ActionStatus }[]) {
  const referenceId = `cmp-${randomUUID()}`;
  return Promise.all(
    own.map(async (one) => {
      const action = { ...bulkAction(referenceId, randomUUID()), ...one };
      await stores.actions.create(action);
      await stores.references.claim(action);
      return { accountId: action.accountId, actionId: action.actionId, run: 0 };
    }),
  );
}

type Entered = Awaited<ReturnType<typeof actions>>[number];
const enter = (action: Entered | undefined) => enterMapping(stores, action as Entered, findProcess);
const facilityAction = (status: ActionStatus) => ({ processName: 'facilityCreation', status });
const userAction = (status: ActionStatus) => ({ processName: 'userCreation', status });

describe('who maps a reference', () => {
  it.each<ActionStatus>(['validating', 'processing'])(
    'GIVEN another action that is %s WHEN one has its answers THEN the mapping is left to the other',
    async (status) => {
      const [first] = await actions(facilityAction('processing'), userAction(status));
      expect(await enter(first)).toMatchObject({ outcome: 'later' });
    },
  );

  it.each<ActionStatus>(['pending', 'mapping', 'completed'])(
    'GIVEN another action that is %s WHEN one has its answers THEN it is the last',
    async (status) => {
      const [first] = await actions(facilityAction('processing'), userAction(status));
      expect(await enter(first)).toMatchObject({ outcome: 'run' });
    },
  );

  it('GIVEN two that have their answers at the same moment WHEN both look THEN at least one maps, whoever is first', async () => {
    for (let round = 0; round < 10; round++) {
      const both = await actions(facilityAction('processing'), userAction('processing'));
      const outcomes = await Promise.all(both.map(async (action) => (await enter(action)).outcome));
      expect(outcomes).toContain('run');
    }
  });

  it('GIVEN an action that entered before WHEN it comes again THEN it decides again, and is mapping still', async () => {
    const [action] = await actions(facilityAction('processing'));
    await enter(action);
    expect(await enter(action)).toMatchObject({ outcome: 'run' });
    expect(await stores.actions.get('acme', action?.actionId ?? '')).toMatchObject({ status: 'mapping' });
  });

  it('GIVEN a rejected sheet, or an action that has ended WHEN it comes THEN there is nothing to map', async () => {
    for (const status of ['validating', 'failed'] as const) {
      const [action] = await actions(facilityAction(status));
      expect(await enter(action)).toMatchObject({ outcome: 'none' });
    }
  });
});
