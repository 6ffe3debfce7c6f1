import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { rowScopeOf } from '../../lambdas/model/row-scope.ts';
import { revivedChunkName, type StagedRow } from '../../lambdas/model/staged-row.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { identifyChunk } from '../../lambdas/steps/identify-chunk.ts';
import { reviveRows } from '../../lambdas/steps/revive-rows.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { collect, firstChunk, inputOf, stagedAction, trackedAs } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const error = { code: 'refused', message: 'No.' };

function row(
  rowNumber: number,
  uniqueIdentifier: string,
  capacity = 1,
): StagedRow & { data: object; uniqueIdentifier: string } {
  const data = { facilityName: uniqueIdentifier, boundaryCode: ['B-01'], usage: 'Active', capacity };
  return { rowNumber, cells: [uniqueIdentifier], uniqueIdentifier, data };
}

/** A reference whose last action left a successful and two failed rows. */
async function leftBehind(referenceId: string): Promise<BulkAction> {
  const action = await stagedAction(stores, [], { referenceId });
  const scope = rowScopeOf(action);
  const rows = [row(2, 'success'), row(3, 'failed'), row(4, 'failed too')];
  await stores.tracking.insertPending(scope, action.actionId, rows);
  await stores.tracking.markSuccess(scope, action.actionId, ['success']);
  await stores.tracking.markFailed(
    scope,
    action.actionId,
    rows.slice(1).map(({ uniqueIdentifier }) => ({ uniqueIdentifier, error })),
  );
  await stores.references.release(action, { clean: false, counts: { ...noCounts, failed: 2 } });
  return action;
}

function identify(action: BulkAction, chunk = firstChunk) {
  return identifyChunk(stores, { ...inputOf(action), chunk }, requireProcess);
}

async function revive(action: BulkAction, identified: Awaited<ReturnType<typeof identify>>[]) {
  return reviveRows(stores, { ...inputOf(action), identified }, requireProcess, 100);
}

describe('GIVEN a chunk with new, known and failed rows', () => {
  it('WHEN it is identified, twice, THEN the failed one is pending with its new values and the new one is not tracked yet', async () => {
    const earlier = await leftBehind('cmp-identify');
    const rows = [row(2, 'new', 5), row(3, 'success', 6), row(4, 'failed', 7), { rowNumber: 5, errors: [error] }];
    const action = await stagedAction(stores, rows, { referenceId: 'cmp-identify', status: 'validating' });
    const identified = await identify(action);
    expect(identified).toEqual({ chunk: firstChunk, pending: 2, known: 1 });
    expect(await identify(action)).toEqual(identified);
    const scope = rowScopeOf(action);
    expect(await trackedAs(stores, scope, 'success')).toEqual({ status: 'success', actionId: earlier.actionId });
    const open = (await collect(stores.tracking.unsettled(scope))).filter(
      ({ actionId }) => actionId === action.actionId,
    );
    expect(open.map(({ uniqueIdentifier, data }) => [uniqueIdentifier, data.capacity])).toEqual([['failed', 7]]);
    expect(await trackedAs(stores, scope, 'new')).toBeUndefined();
  });

  it('WHEN whoever identified it was killed before it said so THEN the next finds the same', async () => {
    const action = await stagedAction(stores, [row(2, 'A'), row(3, 'B')], { status: 'validating' });
    await stores.tracking.insertPending(rowScopeOf(action), action.actionId, [row(2, 'A')]);
    expect(await identify(action)).toEqual({ chunk: firstChunk, pending: 2, known: 0 });
  });

  it('WHEN it is identified for a retry THEN what failed is pending again, and what is settled is not', async () => {
    const rows = [row(2, 'A'), row(3, 'B'), row(4, 'never tracked')];
    const action = await stagedAction(stores, rows, { status: 'validating', run: 1 });
    const scope = rowScopeOf(action);
    await stores.tracking.insertPending(scope, action.actionId, rows.slice(0, 2));
    await stores.tracking.markSuccess(scope, action.actionId, ['A']);
    await stores.tracking.markFailed(scope, action.actionId, [{ uniqueIdentifier: 'B', error }]);
    const identified = await identify(action);
    expect(identified).toEqual({ chunk: firstChunk, pending: 2, known: 0 });
    // The second time everything that was open is pending, and still open.
    expect(await identify(action)).toEqual(identified);
    expect(await trackedAs(stores, scope, 'A')).toMatchObject({ status: 'success' });
    expect(await trackedAs(stores, scope, 'B')).toMatchObject({ status: 'pending' });
    expect(await trackedAs(stores, scope, 'never tracked')).toMatchObject({ status: 'pending' });
  });
});

describe('GIVEN rows that earlier actions left behind', () => {
  it('WHEN they are revived, twice, THEN those that are not in the sheet get chunks, and the plan is the same', async () => {
    await leftBehind('cmp-revive');
    const action = await stagedAction(stores, [row(2, 'failed', 9)], {
      referenceId: 'cmp-revive',
      status: 'validating',
    });
    const identified = [await identify(action)];
    const plan = await revive(action, identified);
    const revived = revivedChunkName(0);
    expect(plan).toMatchObject({
      dispatch: [
        { chunk: firstChunk, firstBatch: 1 },
        { chunk: revived, firstBatch: 2 },
      ],
      totalBatches: 2,
      settle: [firstChunk, revived],
    });
    expect(await revive(action, identified)).toEqual(plan);
    expect(await trackedAs(stores, rowScopeOf(action), 'failed too')).toEqual({
      status: 'pending',
      actionId: action.actionId,
    });
    expect(await stores.actions.get(action.accountId, action.actionId)).toMatchObject({
      status: 'processing',
      batches: { total: 2, done: 0 },
    });
  });

  it('WHEN whoever revived them was killed right after listing them THEN the next goes on with that list', async () => {
    await leftBehind('cmp-listed');
    const action = await stagedAction(stores, [], { referenceId: 'cmp-listed', status: 'validating' });
    const chunk = revivedChunkName(0);
    await stores.bucket.putLines(sheetKeys.chunk(action.actionId, chunk), [row(3, 'failed')]);
    const listed = [{ chunk, pending: 1, known: 0 }];
    await stores.bucket.put(sheetKeys.revived(action.actionId), JSON.stringify(listed), 'application/json');
    expect(await revive(action, [])).toMatchObject({ totalBatches: 1, settle: [chunk] });
    expect(await trackedAs(stores, rowScopeOf(action), 'failed')).toMatchObject({ actionId: action.actionId });
    expect(await trackedAs(stores, rowScopeOf(action), 'failed too')).not.toMatchObject({ actionId: action.actionId });
  });

  it('WHEN the last action left everything settled THEN nobody looks for them', async () => {
    const earlier = await leftBehind('cmp-clean');
    await stores.references.claim(earlier);
    await stores.references.release(earlier, { clean: true, counts: noCounts });
    const action = await stagedAction(stores, [], { referenceId: 'cmp-clean', status: 'validating' });
    expect(await revive(action, [])).toMatchObject({ totalBatches: 0, settle: [] });
  });
});
