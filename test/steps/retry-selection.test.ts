import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import type { RetrySelection } from '../../lambdas/model/retry-selection.ts';
import { rowLeft } from '../../lambdas/model/row.ts';
import { rowScopeOf } from '../../lambdas/model/row-scope.ts';
import type { SettledRow } from '../../lambdas/model/staged-row.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { identifyChunk } from '../../lambdas/steps/identify-chunk.ts';
import { reviveRows } from '../../lambdas/steps/revive-rows.ts';
import { settleChunk } from '../../lambdas/steps/settle-chunk.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { stagedRow } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { answersOf, firstChunk, inputOf, stagedAction } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const counts = { ...noCounts, rows: 4, created: 1, failed: 2, cancelled: 1 };
const busy = { code: 'service_busy', message: 'Later.' };
const refused = { code: 'refused', message: 'No.' };

/** A second run of an action whose rows were created, failed in two ways, and cancelled before anybody tracked them. */
async function retried(selection: RetrySelection): Promise<BulkAction> {
  const rows = [2, 3, 4, 5].map((rowNumber) => stagedRow(rowNumber));
  const action = await stagedAction(stores, rows, { run: 1, status: 'validating', counts, selection });
  const scope = rowScopeOf(action);
  const tracked = rows.slice(0, 3).map(({ rowNumber, uniqueIdentifier = '', data = {} }) => ({
    rowNumber,
    uniqueIdentifier,
    data: { ...data, boundaryCode: [] },
  }));
  const [first, second, third] = tracked.map(({ uniqueIdentifier }) => uniqueIdentifier) as [string, string, string];
  await stores.tracking.insertPending(scope, action.actionId, tracked);
  await stores.tracking.markSuccess(scope, action.actionId, [first]);
  await stores.tracking.markFailed(scope, action.actionId, [
    { uniqueIdentifier: second, error: busy },
    { uniqueIdentifier: third, error: refused },
  ]);
  const answers: SettledRow[] = [
    { rowNumber: 2, answer: 'created', entityId: 'e', uniqueIdentifier: first },
    { rowNumber: 3, answer: 'failed', errors: [busy], uniqueIdentifier: second },
    { rowNumber: 4, answer: 'failed', errors: [refused], uniqueIdentifier: third },
    { rowNumber: 5, answer: 'cancelled', errors: [rowLeft.cancelled] },
  ];
  await stores.bucket.putLines(sheetKeys.results(action.actionId, firstChunk), answers);
  return action;
}

async function identifyAndPlan(action: BulkAction) {
  const identified = await identifyChunk(stores, { ...inputOf(action), chunk: firstChunk }, requireProcess);
  const plan = () => reviveRows(stores, { ...inputOf(action), identified: [identified] }, requireProcess, 100);
  // A plan that is made twice subtracts nothing twice.
  await plan();
  await plan();
  return (await stores.actions.get(action.accountId, action.actionId)).counts;
}

describe('GIVEN a retry of some of the failed rows', () => {
  it.each<[string, RetrySelection, number[], object]>([
    ['an error code', { codes: ['service_busy'] }, [3], { failed: 1, cancelled: 1, pending: 1 }],
    ['numbers', { rows: { from: 4, to: 9 } }, [4, 5], { failed: 1, cancelled: 0, pending: 2 }],
    [
      'a code and numbers',
      { codes: ['cancelled', 'refused'], rows: { from: 1, to: 4 } },
      [4],
      { failed: 1, pending: 1 },
    ],
  ])(
    'WHEN it selects by %s THEN only those are pending, and the figures say so',
    async (_, selection, open, expected) => {
      const action = await retried(selection);
      expect(await identifyAndPlan(action)).toMatchObject({ rows: 4, created: 1, ...expected });
      const identifiers = [2, 3, 4, 5].map((rowNumber) => `Facility ${rowNumber}`);
      const tracked = await stores.tracking.read(rowScopeOf(action), identifiers, true);
      const pending = [...tracked.values()].filter(({ status }) => status === 'pending');
      expect(pending.map(({ rowNumber }) => rowNumber).sort()).toEqual(open);
    },
  );

  it('WHEN it ends THEN the others have the answers that they had', async () => {
    const action = await retried({ codes: ['service_busy'] });
    await identifyAndPlan(action);
    await stores.tracking.markSuccess(rowScopeOf(action), action.actionId, ['Facility 3']);
    const input = { ...inputOf(action), chunk: firstChunk, mode: 'count' as const };
    const settled = await settleChunk(stores, input, requireProcess);
    expect(settled.counts).toEqual({ rows: 4, created: 2, failed: 1, cancelled: 1 });
    // Whoever is killed after the answers were written settles once more.
    expect(await settleChunk(stores, input, requireProcess)).toEqual(settled);
    expect((await answersOf(stores, action)).map(({ answer }) => answer)).toEqual([
      'created',
      'created',
      'failed',
      'cancelled',
    ]);
  });
});
