import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { rowScopeOf } from '../../lambdas/model/row-scope.ts';
import type { SettledRow } from '../../lambdas/model/staged-row.ts';
import { nothingUndone, type UndoInput } from '../../lambdas/model/undo-steps.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { freeFromEnded } from '../../lambdas/steps/claim-reference.ts';
import { finishUndo } from '../../lambdas/steps/finish-undo.ts';
import { sweepUndos } from '../../lambdas/steps/sweep-undos.ts';
import { undoRows } from '../../lambdas/steps/undo-rows.ts';
import { EntityJournal } from '../../lambdas/store/entity-journal.ts';
import { EntityStore } from '../../lambdas/store/entity-store.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { UndoExecutions } from '../../lambdas/store/undo-executions.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { machineArn, type NotedExecutions, noteExecutions } from '../support/step-functions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { firstChunk, stagedAction } from './step-stores.ts';

let noted: NotedExecutions;
let stores: TestStores & { entities: EntityStore; journal: EntityJournal; undoExecutions: UndoExecutions };
beforeAll(async () => {
  const plain = await startTestStores();
  noted = await noteExecutions();
  stores = {
    ...plain,
    entities: new EntityStore(plain.dynamodb, plain.registryTable),
    journal: new EntityJournal(plain.bucket),
    undoExecutions: new UndoExecutions(noted.client, machineArn),
  };
});
afterAll(async () => {
  noted.stop();
  await stores.stop();
});

const names = ['A', 'B', 'C'];
const context = { processOf: requireProcess, remainingMs: () => 600_000 };

/** An ended action that has created three facilities, and is to be undone. */
async function created(): Promise<{ action: BulkAction; input: UndoInput }> {
  const ended = await stagedAction(stores, [], {
    status: 'completed',
    counts: { ...noCounts, rows: 3, created: 3 },
    referenceId: `cmp-${crypto.randomUUID()}`,
  });
  await stores.references.release(ended, { counts: ended.counts });
  const scope = rowScopeOf(ended);
  const rows = names.map((uniqueIdentifier, index) => ({ uniqueIdentifier, rowNumber: index + 2, data: {} }));
  await stores.tracking.insertPending(scope, ended.actionId, rows);
  await stores.tracking.markSuccess(scope, ended.actionId, names);
  const tracked = await stores.tracking.read(scope, names, true);
  const entities = names.map((uniqueIdentifier) => ({
    uniqueIdentifier,
    entityId: tracked.get(uniqueIdentifier)?.entityId as string,
    data: {},
  }));
  await stores.registry.create({ ...ended, entity: 'facility' }, entities);
  const answers: SettledRow[] = entities.map(({ uniqueIdentifier, entityId }, index) => ({
    rowNumber: index + 2,
    uniqueIdentifier,
    entityId,
    answer: 'created',
  }));
  await stores.bucket.putLines(sheetKeys.results(ended.actionId, firstChunk), answers);
  const { accountId, actionId, referenceId } = ended;
  const undo = { status: 'running', attempt: 1, deleted: 0, restored: 0, skipped: 0, startedAt: inSeconds(0) } as const;
  expect(await stores.requests.beginUndo(ended, undo, stores.references)).toBe(true);
  const action = await stores.actions.get(accountId, actionId);
  return {
    action,
    input: { accountId, actionId, referenceId, attempt: 1, until: inSeconds(60), progress: nothingUndone },
  };
}

const left = async (action: BulkAction) => (await stores.tracking.read(rowScopeOf(action), names, true)).size;

describe('GIVEN an action that is being undone', () => {
  it('WHEN its step comes twice THEN both say the same, and the rows are forgotten', async () => {
    const { action, input } = await created();
    const first = await undoRows(stores, input, context);
    expect(first).toMatchObject({ outcome: 'done', chunks: 1, deleted: 3, skipped: 0 });
    expect(await undoRows(stores, input, context)).toEqual(first);
    expect(await left(action)).toBe(0);
    expect((await stores.actions.get(action.accountId, action.actionId)).undo).toMatchObject({ deleted: 3 });
  });

  it('WHEN a sheet of the reference comes, before its first step or after, THEN the sheet is refused until it has ended', async () => {
    const { action, input } = await created();
    const sheet = newAction({ referenceId: action.referenceId });
    const submit = () => stores.actions.createClaiming(sheet, stores.references);
    const refusal = { code: 'action_running', members: { actionId: action.actionId } };
    await expect(submit()).rejects.toMatchObject(refusal);
    expect(await freeFromEnded(stores.references, stores.actions, sheet)).toBe(false);
    await undoRows(stores, input, context);
    await expect(submit()).rejects.toMatchObject(refusal);
    await finishUndo(stores, { ...input, status: 'completed' });
    await submit();
  });

  it('WHEN another action has its reference all the same THEN it waits', async () => {
    const { action, input } = await created();
    await stores.references.release(action, { counts: noCounts }, input.attempt);
    const other = newAction({ referenceId: action.referenceId, status: 'processing' });
    await stores.actions.createClaiming(other, stores.references);
    expect(await undoRows(stores, input, context)).toMatchObject({ outcome: 'busy' });
    expect(await left(action)).toBe(3);
  });

  it('WHEN its end, or that of the action, comes again late THEN what the next undoing has taken stays taken', async () => {
    const { action, input } = await created();
    await stores.requests.endUndo(action, nothingUndone, 'failed');
    await freeFromEnded(stores.references, stores.actions, action);
    const ended = await stores.actions.get(action.accountId, action.actionId);
    const again = { ...action.undo, attempt: 2 } as NonNullable<BulkAction['undo']>;
    expect(await stores.requests.beginUndo(ended, again, stores.references)).toBe(true);

    await stores.references.release(ended, { counts: ended.counts }, input.attempt);
    await stores.references.release(ended, { counts: ended.counts });
    expect(await stores.references.process(action)).toMatchObject({ runningActionId: action.actionId, undoing: 2 });
  });

  it('WHEN it is asked for again or retried meanwhile THEN neither begins', async () => {
    const { action } = await created();
    const again = { ...action.undo, attempt: 2 } as NonNullable<BulkAction['undo']>;
    expect(await stores.requests.beginUndo(action, again, stores.references)).toBe(false);
    expect(await stores.actions.beginRun({ ...action, run: 1, status: 'pending' })).toBe(false);
  });

  it('WHEN its execution is gone THEN the sweep ends it, and late steps of it do nothing', async () => {
    const { action, input } = await created();
    expect(await sweepUndos(stores, inSeconds(1))).toBeGreaterThan(0);
    expect((await stores.actions.get(action.accountId, action.actionId)).undo).toMatchObject({ status: 'failed' });
    expect(await undoRows(stores, input, context)).toMatchObject({ outcome: 'over' });
    expect(await left(action)).toBe(3);
    expect(await stores.references.process(action)).not.toHaveProperty('runningActionId');
  });
});
