import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActionStatus, type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { type CancelStores, cancelBulkAction } from '../../lambdas/operations/cancel-bulk-action.ts';
import { finishAction } from '../../lambdas/steps/finish-action.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { type NotedExecutions, noteExecutions } from '../support/step-functions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const caller = { accountId: 'acme', keyId: 'k1', role: 'operator' } as const;
let noted: NotedExecutions;
let stores: CancelStores & TestStores;
const unscheduled: string[] = [];

beforeAll(async () => {
  const plain = await startTestStores();
  noted = await noteExecutions();
  const schedules = { delete: async ({ actionId }: { actionId: string }) => void unscheduled.push(actionId) };
  stores = { ...plain, executions: noted.executions, schedules };
});
afterAll(async () => {
  noted.stop();
  await stores.stop();
});

async function actionIn(status: ActionStatus, own: Partial<BulkAction> = {}): Promise<BulkAction> {
  const action = newAction({ status, ...own });
  await stores.actions.create(action);
  await stores.references.claim(action);
  return action;
}

const cancel = ({ actionId }: BulkAction) => cancelBulkAction(stores, caller, actionId);
const read = ({ actionId }: BulkAction) => stores.actions.get('acme', actionId);
const namesOf = (names: readonly string[], { actionId }: BulkAction) => names.filter((name) => name.includes(actionId));

describe('cancelBulkAction', () => {
  it('GIVEN an action whose sheet never came WHEN cancelled THEN it has ended, and its reference is free at once', async () => {
    const action = await actionIn('pending');
    await cancel(action);
    expect(await read(action)).toMatchObject({ status: 'cancelled', finishedAt: expect.any(String) });
    const next = newAction({ referenceId: action.referenceId });
    await stores.actions.createClaiming(next, stores.references);
    expect(namesOf(noted.started, action)).toEqual([]);
    expect(stores.told.filter(({ actionId }) => actionId === action.actionId)).toHaveLength(1);
  });

  it('GIVEN an action that waits for its time WHEN cancelled THEN its schedule goes, and it waits for nothing any more', async () => {
    const action = await actionIn('pending', { startAt: inSeconds(60), waitingFor: 'start' });
    const cancelled = await cancel(action);
    expect(cancelled.status).toBe('cancelled');
    expect(cancelled).not.toHaveProperty('waitingFor');
    expect(unscheduled).toContain(action.actionId);
  });

  it('GIVEN an upload in parts under way WHEN cancelled THEN its parts are dropped', async () => {
    const action = newAction();
    const uploadId = await stores.bucket.startMultipart(action.source.key);
    const source = { ...action.source, kind: 'upload' as const, uploadId };
    await stores.actions.create({ ...action, source });
    await cancel(action);
    await expect(stores.bucket.completeMultipart(source.key, uploadId, [])).rejects.toThrow();
  });

  it.each<ActionStatus>(['validating', 'processing'])(
    'GIVEN an action that is %s WHEN cancelled THEN its execution is stopped and another one ends it',
    async (status) => {
      const action = await actionIn(status);
      const answer = await cancel(action);
      expect(answer).toMatchObject({ status, cancelRequestedAt: expect.any(String) });
      expect(namesOf(noted.stopped, action)).toEqual([`${action.actionId}-0`]);
      expect(namesOf(noted.started, action)).toEqual([`${action.actionId}-0-cancel`]);
    },
  );

  it('GIVEN an action that is mapping WHEN cancelled THEN the mapping, which is its reference’s, goes on', async () => {
    const action = await actionIn('mapping');
    await cancel(action);
    expect(namesOf(noted.stopped, action)).toEqual([]);
    expect(namesOf(noted.started, action)).toEqual([`${action.actionId}-0-cancel`]);
  });

  it('GIVEN a cancelled action WHEN cancelled again THEN nothing changes', async () => {
    const action = await actionIn('pending');
    const first = await cancel(action);
    expect(await cancel(action)).toEqual(first);
  });

  it.each<ActionStatus>(['completed', 'completed_with_failures', 'failed'])(
    'GIVEN an action that is %s WHEN cancelled THEN the answer says so',
    async (status) => {
      const action = await actionIn(status);
      await expect(cancel(action)).rejects.toMatchObject({
        code: 'illegal_transition',
        members: { actionStatus: status },
      });
    },
  );

  it('GIVEN an action of another account WHEN cancelled THEN there is none', async () => {
    const action = await actionIn('processing', { accountId: 'other' });
    await expect(cancel(action)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('GIVEN an action about to finish', () => {
  const processOf = () => undefined;
  const inputOf = ({ accountId, actionId, run }: BulkAction) => ({ accountId, actionId, run });
  const counts = { ...noCounts, rows: 1, created: 1 };

  it('WHEN it is cancelled first THEN it ends as cancelled, whoever ends it', async () => {
    const action = await actionIn('processing', { counts });
    await cancel(action);
    expect(await finishAction(stores, inputOf(action), processOf)).toEqual({ status: 'cancelled' });
  });

  it('WHEN both happen at once THEN one of the two wins, and all agree which', async () => {
    for (let round = 0; round < 10; round++) {
      const action = await actionIn('processing', { counts });
      const [cancelled] = await Promise.allSettled([
        cancel(action),
        finishAction(stores, inputOf(action), processOf).catch(() => finishAction(stores, inputOf(action), processOf)),
      ]);
      const { status } = await read(action);
      expect(status).toBe(cancelled.status === 'fulfilled' ? 'cancelled' : 'completed');
    }
  });
});
