import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntityOutcome, EntityTarget } from '../../lambdas/entities/entity-target.ts';
import type { BulkAction } from '../../lambdas/model/action.ts';
import type { BatchMessage } from '../../lambdas/model/batch-message.ts';
import { rowScopeOf } from '../../lambdas/model/row-scope.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { drainDeadLetter } from '../../lambdas/steps/drain-dead-letters.ts';
import { processBatch } from '../../lambdas/steps/process-batch.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { collect, stagedAction, trackedAs } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const rows = ['A', 'B', 'C'].map((uniqueIdentifier, index) => ({ uniqueIdentifier, rowNumber: index + 2, data: {} }));
const refusal = { code: 'refused', message: 'No.' };

/** An action of three rows, which are tracked before their batch comes or not, and the batch that carries them. */
async function batchOf(tracked: typeof rows): Promise<{ action: BulkAction; message: BatchMessage }> {
  const action = await stagedAction(stores, []);
  await stores.tracking.insertPending(rowScopeOf(action), action.actionId, tracked);
  const { accountId, actionId, referenceId, processName, run } = action;
  const head = { accountId, actionId, referenceId, processName, run };
  return { action, message: { ...head, currentBatchNumber: 1, totalBatchNumber: 1, rows } };
}

/** A target that answers as told, by identifier, and remembers what it was asked. */
class ToldTarget implements EntityTarget {
  readonly keepsEntityId: boolean;
  readonly asked: string[][] = [];
  answers: Record<string, EntityOutcome> = {};

  constructor(keepsEntityId: boolean) {
    this.keepsEntityId = keepsEntityId;
  }

  async apply(requests: Parameters<EntityTarget['apply']>[0]): Promise<EntityOutcome[]> {
    this.asked.push(requests.map(({ uniqueIdentifier }) => uniqueIdentifier));
    return requests.map(
      ({ uniqueIdentifier, entityId }) =>
        this.answers[uniqueIdentifier] ?? {
          kind: 'done',
          entityId: this.keepsEntityId ? entityId : `x-${uniqueIdentifier}`,
          effect: 'created',
        },
    );
  }
}

function deliver(message: BatchMessage, target: EntityTarget, receiveCount = 1) {
  const process = requireProcess('facilityCreation');
  return processBatch(stores, message, { process, target, receiveCount, deliveries: 3 });
}

async function statuses(action: BulkAction) {
  const found = await stores.tracking.read(rowScopeOf(action), ['A', 'B', 'C'], true);
  return Object.fromEntries([...found].map(([identifier, { status }]) => [identifier, status]));
}

describe.each([
  { name: 'rows that are tracked when they end', tracked: [] },
  { name: 'pending rows', tracked: rows },
  { name: 'rows of which some are pending', tracked: rows.slice(1, 2) },
])('GIVEN a batch of $name', ({ tracked }) => {
  it('WHEN it is delivered twice THEN its rows succeed and it is counted once', async () => {
    const { action, message } = await batchOf(tracked);
    const target = new ToldTarget(true);
    expect(await deliver(message, target)).toMatchObject({ kind: 'done' });
    expect(await deliver(message, target, 2)).toMatchObject({ kind: 'done' });
    expect(await statuses(action)).toEqual({ A: 'success', B: 'success', C: 'success' });
    expect(await stores.actions.progress(action)).toMatchObject({ done: 1, created: 3, failed: 0 });
    // The second delivery finds nothing left to do.
    expect(target.asked).toEqual([['A', 'B', 'C']]);
  });

  it('WHEN a service gives ids of its own THEN they are kept, and no row is asked for twice', async () => {
    const { action, message } = await batchOf(tracked);
    const target = new ToldTarget(false);
    target.answers = { B: { kind: 'transient', error: refusal, retryAfterSeconds: 7 } };
    expect(await deliver(message, target)).toEqual({ kind: 'again', delaySeconds: 7, settled: 2 });
    expect(await stores.actions.progress(action)).toMatchObject({ done: 0 });
    target.answers = {};
    expect(await deliver(message, target, 2)).toMatchObject({ kind: 'done' });
    expect(target.asked).toEqual([['A', 'B', 'C'], ['B']]);
    const found = await stores.tracking.read(rowScopeOf(action), ['A', 'B', 'C'], true);
    expect([...found.values()].map(({ entityId }) => entityId).sort()).toEqual(['x-A', 'x-B', 'x-C']);
  });

  it('WHEN one row is refused THEN it fails with the reason and its neighbours succeed', async () => {
    const { action, message } = await batchOf(tracked);
    const target = new ToldTarget(true);
    target.answers = { B: { kind: 'refused', error: refusal } };
    await deliver(message, target);
    expect(await statuses(action)).toEqual({ A: 'success', B: 'failed', C: 'success' });
    expect(await stores.actions.progress(action)).toMatchObject({ done: 1, created: 2, failed: 1 });
  });

  it('WHEN a row is refused for now at the last delivery THEN it fails with that reason', async () => {
    const { action, message } = await batchOf(tracked);
    const target = new ToldTarget(true);
    target.answers = { C: { kind: 'transient', error: refusal } };
    expect(await deliver(message, target, 3)).toMatchObject({ kind: 'done' });
    const row = (await stores.tracking.read(rowScopeOf(action), ['C'], true)).get('C');
    expect(row).toMatchObject({ status: 'failed', error: refusal });
  });

  it('WHEN its rows lie in the bucket THEN they are found there', async () => {
    const { action, message } = await batchOf(tracked);
    const { rows: _, ...head } = message as typeof message & { rows: unknown };
    const rowsKey = sheetKeys.batchRows(action.actionId, 0, 1);
    await stores.bucket.put(rowsKey, JSON.stringify(rows), 'application/json');
    await deliver({ ...head, rowsKey }, new ToldTarget(true));
    expect(await statuses(action)).toEqual({ A: 'success', B: 'success', C: 'success' });
  });
});

describe('GIVEN a batch that comes late', () => {
  it.each([
    { name: 'its action has ended', change: { status: 'completed' } },
    { name: 'its action is in a later run', change: { run: 1 } },
  ] as const)('WHEN $name THEN nobody is asked and nothing changes, nor by its dead letter', async ({ change }) => {
    const { action, message } = await batchOf(rows.slice(1));
    const later = { ...action, ...change, actionId: `${action.actionId}-later` };
    await stores.actions.create(later);
    const target = new ToldTarget(true);
    await deliver({ ...message, actionId: later.actionId }, target);
    await drainDeadLetter(stores, { ...message, actionId: later.actionId }, requireProcess);
    expect(target.asked).toEqual([]);
    expect(await statuses(action)).toEqual({ B: 'pending', C: 'pending' });
  });
});

describe.each([
  { name: 'rows that are tracked when they end', tracked: rows.slice(0, 1) },
  { name: 'pending rows', tracked: rows },
])('GIVEN a batch of $name that no delivery got through', ({ tracked }) => {
  it('WHEN it is drained, twice, THEN its open rows fail and what succeeded stays', async () => {
    const { action, message } = await batchOf(tracked);
    const scope = rowScopeOf(action);
    await stores.tracking.markSuccess(scope, action.actionId, ['A']);
    await drainDeadLetter(stores, message, requireProcess);
    expect(await stores.actions.progress(action)).toMatchObject({ done: 1, created: 1, failed: 2 });
    await drainDeadLetter(stores, message, requireProcess);
    expect(await statuses(action)).toEqual({ A: 'success', B: 'failed', C: 'failed' });
    expect(await trackedAs(stores, scope, 'B')).toEqual({ status: 'failed', actionId: action.actionId });
    expect((await stores.actions.progress(action)).done).toBe(1);
    // Whoever takes the rows up again has all that it takes.
    const open = await collect(stores.tracking.unsettled(scope));
    expect(open.map(({ uniqueIdentifier, rowNumber, data }) => ({ uniqueIdentifier, rowNumber, data }))).toEqual(
      expect.arrayContaining(rows.slice(1)),
    );
  });
});

describe('GIVEN a batch whose rows the final check has ended', () => {
  it('WHEN a delivery comes to its end after that THEN the rows stay as they were told', async () => {
    const { action, message } = await batchOf([]);
    const target = new ToldTarget(true);
    const ended = rows.map((row) => ({ ...row, entityId: row.uniqueIdentifier, error: refusal }));
    // While the target is at work, the action is given up and its rows answer.
    const apply = target.apply.bind(target);
    target.apply = async (requests) => {
      await stores.tracking.insertEnded(rowScopeOf(action), action.actionId, ended);
      return apply(requests);
    };
    await deliver(message, target);
    expect(await statuses(action)).toEqual({ A: 'failed', B: 'failed', C: 'failed' });
  });
});
