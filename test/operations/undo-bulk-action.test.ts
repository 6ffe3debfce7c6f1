import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { type SettledRow, sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { undoBulkAction } from '../../lambdas/operations/undo-bulk-action.ts';
import { sweepUndos } from '../../lambdas/steps/sweep-undos.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { UndoExecutions } from '../../lambdas/store/undo-executions.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { machineArn, type NotedExecutions, noteExecutions } from '../support/step-functions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const caller = { accountId: 'acme', keyId: 'k1', role: 'operator' } as const;
let noted: NotedExecutions;
let stores: TestStores & { undoExecutions: UndoExecutions };
beforeAll(async () => {
  noted = await noteExecutions();
  stores = { ...(await startTestStores()), undoExecutions: new UndoExecutions(noted.client, machineArn) };
});
afterAll(async () => {
  noted.stop();
  await stores.stop();
});

/** An action that has ended and created one entity; nobody has its reference. */
async function ended(): Promise<BulkAction> {
  const action = newAction({
    status: 'completed',
    counts: { ...noCounts, rows: 1, created: 1 },
    sheet: { format: 'csv', headers: ['facilityName'], chunks: 1 },
  });
  await stores.actions.create(action);
  const row: SettledRow = { rowNumber: 2, uniqueIdentifier: 'A', entityId: 'e', answer: 'created' };
  await stores.bucket.putLines(sheetKeys.chunk(action.actionId, sheetChunkName(0)), []);
  await stores.bucket.putLines(sheetKeys.results(action.actionId, sheetChunkName(0)), [row]);
  return action;
}

const undo = (action: BulkAction) =>
  undoBulkAction(stores, caller, action.actionId, { deadlineSeconds: 3_600, outsideProcesses: [] });
const undoOf = async ({ actionId }: BulkAction) => (await stores.actions.get('acme', actionId)).undo;
const startedOf = ({ actionId }: BulkAction) => noted.started.filter((name) => name.startsWith(actionId));

describe('undoBulkAction', () => {
  test('GIVEN an ended action WHEN it is undone THEN its reference is taken with the answer', async () => {
    const action = await ended();
    expect(await undo(action)).toMatchObject({ status: 'running', attempt: 1 });
    const sheet = newAction({ referenceId: action.referenceId });
    await expect(stores.actions.createClaiming(sheet, stores.references)).rejects.toMatchObject({
      code: 'action_running',
      members: { actionId: action.actionId },
      message: expect.stringContaining('is being undone'),
    });
    expect(startedOf(action)).toEqual([`${action.actionId}-1`]);
  });

  test('GIVEN a sheet under way in the reference WHEN undone THEN action_running names it, and nothing has begun', async () => {
    const action = await ended();
    const sheet = newAction({ referenceId: action.referenceId });
    await stores.actions.createClaiming(sheet, stores.references);
    await expect(undo(action)).rejects.toMatchObject({
      code: 'action_running',
      members: { actionId: sheet.actionId },
    });
    expect(await undoOf(action)).toBeUndefined();
    expect(startedOf(action)).toEqual([]);

    await stores.references.release(sheet, { counts: noCounts });
    expect(await undo(action)).toMatchObject({ attempt: 1 });
  });

  test.each<[string, (action: BulkAction) => BulkAction]>([
    ['another action', ({ referenceId }) => newAction({ referenceId, status: 'failed' })],
    ['the action itself', (action) => action],
  ])(
    'GIVEN %s that ended and was killed before it gave the reference free WHEN undone THEN the undoing takes it',
    async (_, holderOf) => {
      const action = await ended();
      const holder = holderOf(action);
      await stores.actions.create(holder);
      await stores.references.claim(holder);
      await undo(action);
      expect(await stores.references.process(action)).toMatchObject({
        runningActionId: action.actionId,
        undoing: 1,
        clean: false,
      });
    },
  );

  test('GIVEN five requests at once WHEN made THEN one undoing begins, and the others say that it is under way', async () => {
    const action = await ended();
    const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => undo(action)));
    const refused = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason.code] : []));
    expect(refused).toEqual(Array.from({ length: 4 }, () => 'illegal_transition'));
    expect(startedOf(action)).toEqual([`${action.actionId}-1`]);
  });

  test('GIVEN sheets and an undoing at the same moment WHEN they meet THEN one of them has the reference', async () => {
    const action = await ended();
    const sheets = Array.from({ length: 3 }, () => newAction({ referenceId: action.referenceId }));
    const all = [undo(action), ...sheets.map((sheet) => stores.actions.createClaiming(sheet, stores.references))];
    const outcomes = (await Promise.allSettled<unknown>(all)).map(({ status }) => status);
    const first = outcomes.indexOf('fulfilled');
    expect(outcomes.lastIndexOf('fulfilled')).toBe(first);
    const holder = first === 0 ? action : sheets[first - 1];
    expect(await stores.references.process(action)).toMatchObject({ runningActionId: holder?.actionId });
  });

  test('GIVEN a function that is killed before the undoing is driven WHEN swept THEN the reference is free, and it can be asked for again', async () => {
    const action = await ended();
    const killed = { ...stores, undoExecutions: new UndoExecutions(noted.client, machineArn) };
    killed.undoExecutions.start = () => Promise.reject(new Error('killed'));
    const context = { deadlineSeconds: 3_600, outsideProcesses: [] };
    await expect(undoBulkAction(killed, caller, action.actionId, context)).rejects.toThrow('killed');
    await expect(undo(action)).rejects.toMatchObject({ code: 'illegal_transition' });

    await sweepUndos(stores, inSeconds(1));
    expect(await undoOf(action)).toMatchObject({ status: 'failed' });
    expect(await stores.references.process(action)).not.toHaveProperty('runningActionId');
    expect(await undo(action)).toMatchObject({ attempt: 2 });
  });
});
