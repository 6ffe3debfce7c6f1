import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { type BatchMessage, batchMessageSchema } from '../../lambdas/model/batch-message.ts';
import { dispatchChunk } from '../../lambdas/steps/dispatch-chunk.ts';
import { batchRowsOf } from '../../lambdas/steps/process-batch.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { stagedRow } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { firstChunk, inputOf, stagedAction } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

let before: number;
beforeEach(() => {
  before = stores.queued().length;
});

function sent(): BatchMessage[] {
  return stores
    .queued()
    .slice(before)
    .map((body) => batchMessageSchema.parse(body))
    .sort((a, b) => a.currentBatchNumber - b.currentBatchNumber);
}

async function dispatch(action: BulkAction, settled: readonly number[], firstBatch = 1): Promise<number> {
  const { actionId } = action;
  const key = sheetKeys.identified(actionId, firstChunk, action.run);
  await stores.bucket.put(key, JSON.stringify({ settled }), 'application/json');
  const input = { ...inputOf(action), chunk: firstChunk, firstBatch, totalBatches: 9 };
  return (await dispatchChunk(stores, input)).sent;
}

const rows = Array.from({ length: 250 }, (_, index) => stagedRow(index + 2));

describe('GIVEN a chunk with pending and settled rows', () => {
  it('WHEN it is dispatched THEN the pending ones go out, 100 a message, numbered through', async () => {
    const known = [3, 5, 250];
    const invalid = { rowNumber: 900, errors: [{ code: 'x', message: 'x' }] };
    const duplicate = { rowNumber: 901, uniqueIdentifier: 'Facility 2', duplicateOf: 2 };
    const action = await stagedAction(stores, [...rows, invalid, duplicate]);
    expect(await dispatch(action, known, 4)).toBe(3);
    const messages = sent();
    expect(messages.map(({ currentBatchNumber, totalBatchNumber }) => [currentBatchNumber, totalBatchNumber])).toEqual([
      [4, 9],
      [5, 9],
      [6, 9],
    ]);
    const batches = await Promise.all(messages.map((message) => batchRowsOf(stores.bucket, message)));
    expect(batches.map((batch) => batch.length)).toEqual([100, 100, 47]);
    const expected = rows.map(({ rowNumber }) => rowNumber).filter((rowNumber) => !known.includes(rowNumber));
    expect(batches.flat().map(({ rowNumber }) => rowNumber)).toEqual(expected);
  });

  it('WHEN it is dispatched again after some batches have answered THEN those are not sent again', async () => {
    const action = await stagedAction(stores, rows);
    await stores.actions.markBatch(action, { batch: 2, created: 100, failed: 0 });
    expect(await dispatch(action, [])).toBe(3);
    expect(sent().map(({ currentBatchNumber }) => currentBatchNumber)).toEqual([1, 3]);
  });

  it('WHEN a batch is larger than a message may be THEN the message says where its rows are', async () => {
    const wide = rows.slice(0, 100).map((row) => ({ ...row, data: { ...row.data, remark: 'x'.repeat(5_000) } }));
    const action = await stagedAction(stores, wide);
    await dispatch(action, []);
    const [message, ...others] = sent();
    expect(others).toEqual([]);
    expect(message).toHaveProperty('rowsKey');
    expect(await batchRowsOf(stores.bucket, message as BatchMessage)).toHaveLength(100);
  });
});
