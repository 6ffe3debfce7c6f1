import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { startAction } from '../../lambdas/steps/start-action.ts';
import { startScheduledAction } from '../../lambdas/steps/start-scheduled-action.ts';
import { type SweepStores, sweepActions } from '../../lambdas/steps/sweep-actions.ts';
import { UndoExecutions } from '../../lambdas/store/undo-executions.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { machineArn, type NotedExecutions, noteExecutions } from '../support/step-functions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let noted: NotedExecutions;
let stores: SweepStores & TestStores;

beforeAll(async () => {
  const plain = await startTestStores();
  noted = await noteExecutions();
  const undoExecutions = new UndoExecutions(noted.client, machineArn);
  stores = { ...plain, executions: noted.executions, undoExecutions };
});
afterAll(async () => {
  noted.stop();
  await stores.stop();
});

const content = 'name\n';
const context = {
  maxUploadBytes: 1_000,
  deadlineSeconds: 600,
  processOf: () => ({ action: 'insert' as const, onInvalidRow: 'reject' as const }),
};

async function waiting(startsInSeconds: number, own: Partial<BulkAction> = {}): Promise<BulkAction> {
  const plain = newAction({ startAt: inSeconds(startsInSeconds), waitingFor: 'start', ...own });
  const action = { ...plain, source: { ...plain.source, size: content.length } };
  await stores.actions.create(action);
  return action;
}

const upload = ({ source }: BulkAction) => stores.bucket.put(source.key, content, 'text/csv');
const arrive = ({ source: { key, size } }: BulkAction) => startAction(stores, { key, size, etag: 'e' }, context);
const startsOf = ({ actionId }: BulkAction) => noted.started.filter((name) => name.startsWith(actionId));
const sweep = () => sweepActions(stores, { idleSeconds: -1, deadlineSeconds: 600 });

describe('GIVEN an action with a time of its own', () => {
  it('WHEN its sheet comes before THEN it starts only when the time has come, once', async () => {
    const action = await waiting(60);
    await upload(action);
    expect(await arrive(action)).toBe('scheduled');
    const { deadlineAt, startAt } = await stores.actions.get('acme', action.actionId);
    expect(Date.parse(deadlineAt) - Date.parse(startAt as string)).toBe(600_000);
    await sweep();
    expect(startsOf(action)).toEqual([]);

    expect(await startScheduledAction(stores, action, 600)).toBe('started');
    expect(await startScheduledAction(stores, action, 600)).toBe('started');
    expect(new Set(startsOf(action))).toEqual(new Set([`${action.actionId}-0`]));
    expect(await stores.actions.get('acme', action.actionId)).not.toHaveProperty('waitingFor');
  });

  it('WHEN its sheet comes after THEN it starts with it', async () => {
    const action = await waiting(-1);
    expect(await startScheduledAction(stores, action, 600)).toBe('waits_for_sheet');
    await upload(action);
    expect(await arrive(action)).toBe('started');
  });

  it('WHEN its schedule is lost THEN the sweep starts it', async () => {
    const action = await waiting(-1);
    await upload(action);
    await sweep();
    expect(startsOf(action)).toEqual([`${action.actionId}-0`]);
  });

  it('WHEN its sheet never comes THEN it fails with the end of the upload, long before its time', async () => {
    const action = await waiting(3_600, { deadlineAt: inSeconds(-1) });
    await sweep();
    expect(await stores.actions.get('acme', action.actionId)).toMatchObject({
      status: 'failed',
      problem: { code: 'upload_missing' },
    });
  });

  it('WHEN it was cancelled THEN its time passes without a start', async () => {
    const action = await waiting(-1);
    await upload(action);
    await stores.requests.cancel(action);
    expect(await startScheduledAction(stores, action, 600)).toBe('over');
    await arrive(action);
    expect(startsOf(action)).toEqual([]);
  });
});
