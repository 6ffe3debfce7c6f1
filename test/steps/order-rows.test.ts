import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { revivedChunkName, type StagedRow, sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { boundaryCreation } from '../../lambdas/processes/boundary-creation.ts';
import { blockedRows } from '../../lambdas/steps/blocked-rows.ts';
import { measureProgress } from '../../lambdas/steps/measure-progress.ts';
import { orderRows } from '../../lambdas/steps/order-rows.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { inputOf } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** A row of a boundary; revived rows have no level. */
function row(rowNumber: number, code: string, parentCode: string, level?: number): StagedRow {
  const data = { code, ...(parentCode !== '' && { parentCode }) };
  return { rowNumber, uniqueIdentifier: code, data, ...(level !== undefined && { level }) };
}

async function stage(chunks: Record<string, StagedRow[]>, settled: number[] = []): Promise<BulkAction> {
  const action = newAction({ processName: 'boundaryCreation', status: 'processing' });
  for (const [chunk, rows] of Object.entries(chunks)) {
    await stores.bucket.putLines(sheetKeys.chunk(action.actionId, chunk), rows);
    const identified = sheetKeys.identified(action.actionId, chunk, 0);
    await stores.bucket.put(identified, JSON.stringify({ chunk, pending: 0, known: 0, settled }), 'application/json');
  }
  return action;
}

/** The identifiers of each level, in the order in which they are dispatched. */
async function ordered(action: BulkAction, chunks: readonly string[]): Promise<string[][]> {
  const listed = chunks.map((chunk) => ({ chunk, pending: 0, known: 0 }));
  const levels = await orderRows({ bucket: stores.bucket, action, process: boundaryCreation }, listed);
  return Promise.all(
    levels.map(async (level) => {
      const identifiers: string[] = [];
      for (const { chunk, pending } of level) {
        const before = identifiers.length;
        for await (const rows of stores.bucket.readLines<StagedRow>(sheetKeys.chunk(action.actionId, chunk), 100)) {
          identifiers.push(...rows.map(({ uniqueIdentifier = '' }) => uniqueIdentifier));
        }
        expect(identifiers.length - before).toBe(pending);
      }
      return identifiers;
    }),
  );
}

describe('GIVEN the rows of a hierarchy', () => {
  const [first, second] = [sheetChunkName(0), sheetChunkName(1)];
  const invalid: StagedRow = { rowNumber: 9, cells: ['x'], errors: [{ code: 'required', message: 'Fill it in.' }] };

  it('WHEN they are ordered THEN those to be created come level by level, also across chunks', async () => {
    const action = await stage(
      {
        [first]: [row(2, 'village', 'district', 4), row(3, 'settled', '', 0), invalid],
        [second]: [row(4, 'country', '', 0), row(5, 'district', 'country', 1), row(6, 'other', '', 0)],
      },
      [3],
    );
    expect(await ordered(action, [first, second])).toEqual([['country', 'other'], ['district'], ['village']]);
  });

  it('WHEN earlier actions left rows behind THEN these come after the sheet, parents first among themselves too', async () => {
    const revived = revivedChunkName(0);
    const action = await stage({
      [first]: [row(2, 'country', '', 0), row(3, 'district', 'country', 1)],
      [revived]: [row(7, 'hamlet', 'village'), row(3, 'village', 'district'), row(4, 'elsewhere', 'unheard-of')],
    });
    expect(await ordered(action, [first, revived])).toEqual([
      ['country'],
      ['district'],
      ['village', 'elsewhere'],
      ['hamlet'],
    ]);
  });

  it('WHEN there are thousands of a level THEN they are in chunks that one dispatch can take', async () => {
    const many = Array.from({ length: 2_300 }, (_, index) =>
      row(index + 2, `B-${index}`, index === 0 ? '' : 'B-0', index === 0 ? 0 : 1),
    );
    const action = await stage({ [first]: many });
    const listed = [{ chunk: first, pending: 0, known: 0 }];
    const levels = await orderRows({ bucket: stores.bucket, action, process: boundaryCreation }, listed);
    expect(levels.map((chunks) => chunks.map(({ pending }) => pending))).toEqual([[1], [1_000, 1_000, 299]]);
    expect(new Set(levels.flat().map(({ chunk }) => chunk)).size).toBe(4);
  });
});

describe('GIVEN batches of three levels', () => {
  const times = { settleSeconds: 60, stallSeconds: 900 };

  async function running(answered: readonly number[]) {
    const action = newAction({ status: 'processing', batches: { total: 60, done: 0, levels: [30, 59, 60] } });
    await stores.actions.create(action);
    for (const batch of answered) await stores.actions.markBatch(action, { batch, created: 1, failed: 0 });
    return async (level: number) =>
      (await measureProgress(stores.actions, { ...inputOf(action), level }, times)).outcome;
  }
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  it('WHEN all of a level have answered THEN the next may come; with the last the rows are settled', async () => {
    expect(await (await running(upTo(30)))(0)).toBe('next_level');
    expect(await (await running(upTo(59)))(1)).toBe('next_level');
    expect(await (await running(upTo(60)))(2)).toBe('settle');
  });

  it('WHEN one of a level is missing THEN it is waited for, whatever batches of later levels have answered before', async () => {
    const outcome = await running([...upTo(29), ...Array.from({ length: 20 }, (_, index) => 31 + index)]);
    expect(await outcome(0)).toBe('wait');
  });
});

describe('GIVEN a target that takes whatever it is given', () => {
  it('WHEN a parent has failed or is pending THEN its children are blocked, and others are not', async () => {
    const scope = { accountId: 'acme', referenceId: 'cmp-blocked', type: 'boundaryCreation' };
    const parents = ['done', 'failed', 'pending'].map((uniqueIdentifier, index) => ({
      uniqueIdentifier,
      rowNumber: index + 2,
      data: {},
    }));
    await stores.tracking.insertPending(scope, 'a', parents);
    await stores.tracking.markSuccess(scope, 'a', ['done']);
    await stores.tracking.markFailed(scope, 'a', [
      { uniqueIdentifier: 'failed', error: { code: 'refused', message: 'No.' } },
    ]);
    const rows = ['done', 'failed', 'pending', 'elsewhere', ''].map((parent) => ({
      uniqueIdentifier: `under ${parent}`,
      parent,
    }));
    const blocked = await blockedRows(stores.tracking, scope, [...rows, { uniqueIdentifier: 'of no hierarchy' }]);
    expect([...blocked].map(([identifier, { code, value }]) => [identifier, code, value])).toEqual([
      ['under failed', 'blocked_by_parent', 'failed'],
      ['under pending', 'blocked_by_parent', 'pending'],
    ]);
  });
});
