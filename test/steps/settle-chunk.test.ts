import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entityIdOf } from '../../lambdas/model/identity.ts';
import { rowScopeOf } from '../../lambdas/model/row-scope.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { settleChunk } from '../../lambdas/steps/settle-chunk.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import type { NewRow } from '../../lambdas/store/tracking-table.ts';
import { stagedRow } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { answersOf, collect, firstChunk, inputOf, stagedAction, trackedAs } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const refusal = { code: 'refused', message: 'The service said no.' };

describe('GIVEN a chunk with a row of every kind', () => {
  async function everyKind() {
    const rows = [
      stagedRow(2, 'created'),
      stagedRow(3, 'failed'),
      stagedRow(4, 'pending'),
      { rowNumber: 5, cells: [''], errors: [{ code: 'required', message: 'Fill it in.', column: 'facilityName' }] },
      { rowNumber: 6, cells: ['created'], uniqueIdentifier: 'created', duplicateOf: 2 },
      stagedRow(7, 'known'),
    ];
    const action = await stagedAction(stores, rows);
    const scope = rowScopeOf(action);
    const candidates = rows.filter((row): row is typeof row & NewRow => 'data' in row);
    await stores.tracking.insertPending(scope, 'earlier', candidates.slice(3));
    await stores.tracking.markSuccess(scope, 'earlier', ['known']);
    await stores.tracking.insertPending(scope, action.actionId, candidates.slice(0, 3));
    await stores.tracking.markSuccess(scope, action.actionId, ['created']);
    await stores.tracking.markFailed(scope, action.actionId, [{ uniqueIdentifier: 'failed', error: refusal }]);
    return action;
  }
  const answered = { created: 1, failed: 1, invalid: 1, duplicate: 1, known: 1, rows: 6 };

  it('WHEN it is counted while a row is pending THEN it stays pending and no answers are written', async () => {
    const action = await everyKind();
    const { counts } = await settleChunk(
      stores,
      { ...inputOf(action), chunk: firstChunk, mode: 'count' },
      requireProcess,
    );
    expect(counts).toEqual({ ...answered, pending: 1 });
    await expect(answersOf(stores, action)).rejects.toThrow();
    expect(await trackedAs(stores, rowScopeOf(action), 'pending')).toMatchObject({ status: 'pending' });
  });

  it('WHEN it is settled for good THEN each row has its answer, in order, and so it is when settled again', async () => {
    const action = await everyKind();
    const final = { ...inputOf(action), chunk: firstChunk, mode: 'final' } as const;
    const first = await settleChunk(stores, final, requireProcess);
    expect(first.counts).toEqual({ ...answered, unprocessed: 1 });
    const answers = await answersOf(stores, action);
    expect(answers.map(({ rowNumber, answer }) => [rowNumber, answer])).toEqual([
      [2, 'created'],
      [3, 'failed'],
      [4, 'unprocessed'],
      [5, 'invalid'],
      [6, 'duplicate'],
      [7, 'known'],
    ]);
    expect(answers[1]?.errors).toEqual([refusal]);
    expect(answers[4]?.errors?.[0]?.message).toContain('Row 2');
    expect(await trackedAs(stores, rowScopeOf(action), 'pending')).toMatchObject({ status: 'failed' });
    expect(await settleChunk(stores, final, requireProcess)).toEqual(first);
    expect(await answersOf(stores, action)).toEqual(answers);
  });
});

describe('GIVEN a chunk whose rows are tracked when they end', () => {
  const rows = [stagedRow(2, 'lost'), stagedRow(3, 'written'), stagedRow(4, 'created'), stagedRow(5, 'undone')];

  /** One row of each: never processed, created by a batch that died, ended, and known to others that undid it since. */
  async function chunkOf(referenceId: string, isIdentified: boolean) {
    const action = await stagedAction(stores, rows, { referenceId });
    const { accountId, actionId, processName } = action;
    const [, written, created] = rows.map((row) => ({
      ...(row as typeof row & NewRow),
      entityId: entityIdOf({ ...rowScopeOf(action), uniqueIdentifier: row.uniqueIdentifier as string }),
    }));
    await stores.registry.create({ accountId, referenceId, processName, actionId, entity: 'facility' }, [
      written as NonNullable<typeof written>,
    ]);
    await stores.tracking.insertEnded(rowScopeOf(action), actionId, [created as NonNullable<typeof created>]);
    const identified = { chunk: firstChunk, pending: 3, known: 1, settled: [5] };
    const key = sheetKeys.identified(actionId, firstChunk, 0);
    if (isIdentified) await stores.bucket.put(key, JSON.stringify(identified), 'application/json');
    return action;
  }

  it('WHEN it is counted THEN what is not tracked is pending', async () => {
    const action = await chunkOf('cmp-count', true);
    const input = { ...inputOf(action), chunk: firstChunk, mode: 'count' } as const;
    expect((await settleChunk(stores, input, requireProcess)).counts).toEqual({ rows: 4, pending: 3, created: 1 });
    expect(await trackedAs(stores, rowScopeOf(action), 'lost')).toBeUndefined();
  });

  it('WHEN it is settled for good, twice, THEN what was written has succeeded and the next action takes up the rest', async () => {
    const action = await chunkOf('cmp-final', true);
    const final = { ...inputOf(action), chunk: firstChunk, mode: 'final' } as const;
    const first = await settleChunk(stores, final, requireProcess);
    expect(first.counts).toEqual({ rows: 4, created: 2, unprocessed: 2 });
    expect(await settleChunk(stores, final, requireProcess)).toEqual(first);
    const scope = rowScopeOf(action);
    expect(await trackedAs(stores, scope, 'written')).toEqual({ status: 'success', actionId: action.actionId });
    const open = await collect(stores.tracking.unsettled(scope));
    expect(open.map(({ uniqueIdentifier, data, error }) => [uniqueIdentifier, data, error?.code])).toEqual([
      ['lost', rows[0]?.data, 'unprocessed'],
    ]);
  });

  it('WHEN the action ended before it was identified THEN its rows answer, and nobody takes them up', async () => {
    const action = await chunkOf('cmp-early', false);
    const input = { ...inputOf(action), chunk: firstChunk, mode: 'final' } as const;
    const { counts } = await settleChunk(stores, input, requireProcess);
    expect(counts).toEqual({ rows: 4, created: 1, unprocessed: 3 });
    expect(await collect(stores.tracking.unsettled(rowScopeOf(action)))).toEqual([]);
  });
});

describe('GIVEN a sheet that was rejected', () => {
  it('WHEN its chunk is settled THEN nobody is asked what became of its rows', async () => {
    const action = await stagedAction(stores, [stagedRow(2, 'A'), { rowNumber: 3, cells: [], errors: [refusal] }]);
    await stores.tracking.insertPending(rowScopeOf(action), 'earlier', [stagedRow(2, 'A') as NewRow]);
    const settled = await settleChunk(
      stores,
      { ...inputOf(action), chunk: firstChunk, mode: 'rejected' },
      requireProcess,
    );
    expect(settled.counts).toEqual({ unprocessed: 1, invalid: 1, rows: 2 });
  });
});

describe('GIVEN a row that another action took over and left pending when it was stopped', () => {
  it.each(['count', 'final'] as const)('WHEN it is settled (%s) THEN nobody waits for it', async (mode) => {
    const action = await stagedAction(stores, [stagedRow(2, 'A')]);
    await stores.tracking.insertPending(rowScopeOf(action), 'stopped', [stagedRow(2, 'A') as NewRow]);
    const settled = await settleChunk(stores, { ...inputOf(action), chunk: firstChunk, mode }, requireProcess);
    expect(settled.counts).toEqual({ unprocessed: 1, rows: 1 });
    expect(await trackedAs(stores, rowScopeOf(action), 'A')).toEqual({ status: 'pending', actionId: 'stopped' });
  });
});
