import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { referenceScopeOf, rowScopeOf } from '../../lambdas/model/row-scope.ts';
import { revivedChunkName, type StagedRow } from '../../lambdas/model/staged-row.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { identifyChunk } from '../../lambdas/steps/identify-chunk.ts';
import { reviveRows } from '../../lambdas/steps/revive-rows.ts';
import { settleChunk } from '../../lambdas/steps/settle-chunk.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { answersOf, collect, firstChunk, inputOf, stagedAction, trackedAs } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const error = { code: 'refused', message: 'No.' };

function row(rowNumber: number, uniqueIdentifier: string): StagedRow & { data: object; uniqueIdentifier: string } {
  const data = { facilityName: uniqueIdentifier, boundaryCode: ['B-01'], usage: 'Active' };
  return { rowNumber, cells: [uniqueIdentifier], uniqueIdentifier, data };
}

/** A reference whose last action left a successful and two failed rows. */
async function leftBehind(referenceId: string): Promise<BulkAction> {
  const action = await stagedAction(stores, [], { referenceId });
  const scope = rowScopeOf(action);
  await stores.tracking.insertPending(scope, action.actionId, [row(2, 'success'), row(3, 'failed'), row(4, 'other')]);
  await stores.tracking.markSuccess(scope, action.actionId, ['success']);
  const failed = ['failed', 'other'].map((uniqueIdentifier) => ({ uniqueIdentifier, error }));
  await stores.tracking.markFailed(scope, action.actionId, failed);
  await stores.references.release(action, { clean: false, counts: { ...noCounts, failed: 2 } });
  return action;
}

describe('GIVEN a reference with known and failed rows', () => {
  it('WHEN a dry run takes them up, twice, THEN it does as a real run would, beside them', async () => {
    const earlier = await leftBehind('cmp-dry');
    const rows = [row(2, 'new'), row(3, 'success'), row(4, 'failed')];
    const action = await stagedAction(stores, rows, { referenceId: 'cmp-dry', status: 'validating', dryRun: true });
    const input = { ...inputOf(action), chunk: firstChunk };
    const identified = await identifyChunk(stores, input, requireProcess);
    expect(identified).toEqual({ chunk: firstChunk, pending: 2, known: 1 });
    expect(await identifyChunk(stores, input, requireProcess)).toEqual(identified);

    const revive = () => reviveRows(stores, { ...inputOf(action), identified: [identified] }, requireProcess, 100);
    const plan = await revive();
    expect(plan).toMatchObject({ totalBatches: 2, settle: [firstChunk, revivedChunkName(0)] });
    expect(await revive()).toEqual(plan);

    const own = rowScopeOf(action);
    expect(own).not.toEqual(referenceScopeOf(action));
    const tracked = (await collect(stores.tracking.unsettled(own))).map(({ uniqueIdentifier }) => uniqueIdentifier);
    expect(tracked.sort()).toEqual(['failed', 'new', 'other']);
    const left = await collect(stores.tracking.unsettled(referenceScopeOf(action)));
    expect(left.map(({ actionId, status }) => [actionId, status])).toEqual([
      [earlier.actionId, 'failed'],
      [earlier.actionId, 'failed'],
    ]);
    expect(await stores.mapping.ofIdentifier({ ...referenceScopeOf(action), type: 'facility' }, 'new')).toEqual([]);
  });

  it('WHEN it is settled THEN what is known has its id, and what would be created has none', async () => {
    await leftBehind('cmp-settled');
    const rows = [row(2, 'new'), row(3, 'success')];
    const action = await stagedAction(stores, rows, { referenceId: 'cmp-settled', dryRun: true });
    await stores.tracking.insertPending(rowScopeOf(action), action.actionId, [row(2, 'new')]);
    await stores.tracking.markSuccess(rowScopeOf(action), action.actionId, ['new']);
    await settleChunk(stores, { ...inputOf(action), chunk: firstChunk, mode: 'count' }, requireProcess);
    expect(await answersOf(stores, action)).toEqual([
      { rowNumber: 2, uniqueIdentifier: 'new', answer: 'created' },
      { rowNumber: 3, uniqueIdentifier: 'success', answer: 'known', entityId: expect.any(String) },
    ]);
  });

  it('WHEN it ends THEN what its reference knew of its last action stays', async () => {
    const earlier = await leftBehind('cmp-released');
    const action = await stagedAction(stores, [], { referenceId: 'cmp-released', dryRun: true });
    await stores.references.release(action, { clean: true, counts: noCounts });
    const process = await stores.references.process(action);
    expect(process).toMatchObject({ lastActionId: earlier.actionId, clean: false, counts: { failed: 2 } });
    expect(process?.runningActionId).toBeUndefined();
    expect(await trackedAs(stores, referenceScopeOf(action), 'failed')).toMatchObject({ status: 'failed' });
  });
});
