import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import type { RetrySelection } from '../../lambdas/model/retry-selection.ts';
import { type SettledRow, sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { retryBulkAction } from '../../lambdas/operations/retry-bulk-action.ts';
import type { Executions } from '../../lambdas/store/executions.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { newAction } from '../support/actions.ts';
import { machineArn, type NotedExecutions, noteExecutions } from '../support/step-functions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const caller = { accountId: 'acme', keyId: 'k1', role: 'operator' } as const;
let noted: NotedExecutions;
let stores: TestStores & { executions: Executions };

beforeAll(async () => {
  const plain = await startTestStores();
  noted = await noteExecutions();
  stores = { ...plain, executions: noted.executions };
});
afterAll(async () => {
  noted.stop();
  await stores.stop();
});

/** All rows have their answers; then something broke. */
const failedAfterRows: Partial<BulkAction> = {
  status: 'failed',
  counts: { ...noCounts, rows: 1, created: 1 },
  problem: { code: 'internal_error', detail: 'x' },
};

/** An action that ended with failed rows, unless `own` says otherwise. */
async function ended(own: Partial<BulkAction> = {}): Promise<BulkAction> {
  const action = newAction({
    status: 'completed_with_failures',
    counts: { ...noCounts, rows: 10, created: 6, failed: 3, unprocessed: 1 },
    sheet: { format: 'csv', headers: ['facilityName'], chunks: 1 },
    finishedAt: new Date().toISOString(),
    execution: `${machineArn}:first`,
    ...own,
  });
  await stores.actions.create(action);
  await stores.bucket.putLines(sheetKeys.chunk(action.actionId, sheetChunkName(0)), []);
  return action;
}

const retry = (action: BulkAction, selection?: RetrySelection) =>
  retryBulkAction(stores, caller, action.actionId, { selection, deadlineSeconds: 3_600 });

describe('retryBulkAction', () => {
  test('GIVEN failed rows WHEN retried THEN the next run starts, with them pending and its end forgotten', async () => {
    const action = await ended({ problem: { code: 'internal_error', detail: 'x' } });
    await retry(action);
    const next = await stores.actions.get('acme', action.actionId);
    expect(next).toMatchObject({
      status: 'pending',
      run: 1,
      counts: { rows: 10, created: 6, failed: 0, unprocessed: 0, pending: 4 },
      execution: expect.stringContaining(`${action.actionId}-1`),
    });
    expect(next).not.toHaveProperty('problem');
    expect(next).not.toHaveProperty('finishedAt');
    expect(await stores.earlierRuns.before(next)).toMatchObject([
      { run: 0, status: action.status, counts: { failed: 3 } },
    ]);
    expect(noted.started.filter((name) => name.startsWith(action.actionId))).toEqual([`${action.actionId}-1`]);
  });

  test('GIVEN an action that failed after all its rows had answered WHEN retried THEN the next run starts with none pending', async () => {
    const action = await ended(failedAfterRows);
    await retry(action);
    const next = await stores.actions.get('acme', action.actionId);
    expect(next).toMatchObject({ status: 'pending', run: 1, counts: { created: 1, pending: 0 } });
    expect(next).not.toHaveProperty('problem');
    await expect(retry(await ended(failedAfterRows), { codes: ['refused'] })).rejects.toMatchObject({
      code: 'nothing_selected',
    });
  });

  test('GIVEN five retries at once WHEN made THEN one run starts', async () => {
    const action = await ended();
    const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => retry(action)));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await stores.actions.get('acme', action.actionId)).run).toBe(1);
    expect(noted.started.filter((name) => name.startsWith(action.actionId))).toEqual([`${action.actionId}-1`]);
  });

  test.each<[string, Partial<BulkAction>]>([
    ['it still runs', { status: 'processing' }],
    ['it has no failed rows', { status: 'completed', counts: { ...noCounts, rows: 1, created: 1 } }],
    ['its sheet was rejected', { status: 'failed', problem: { code: 'invalid_rows', detail: 'x' } }],
    ['its sheet was never read', { status: 'failed', sheet: undefined }],
    ['it failed after its rows, as a dry run', { ...failedAfterRows, dryRun: true }],
  ])('GIVEN an action WHEN %s THEN a retry is refused', async (_, own) => {
    const action = await ended(own);
    await expect(retry(action)).rejects.toMatchObject({ code: 'illegal_transition' });
    expect((await stores.actions.get('acme', action.actionId)).run).toBe(0);
  });

  test('GIVEN another running action of the reference WHEN retried THEN action_running names it', async () => {
    const action = await ended();
    const running = newAction({ referenceId: action.referenceId });
    await stores.actions.createClaiming(running, stores.references);
    await expect(retry(action)).rejects.toMatchObject({
      code: 'action_running',
      members: { actionId: running.actionId },
    });
  });

  test('GIVEN a cancelled action WHEN retried THEN its cancelled rows run, and nothing says any more that it was cancelled', async () => {
    const action = await ended({
      status: 'cancelled',
      cancelRequestedAt: new Date().toISOString(),
      counts: { ...noCounts, rows: 10, created: 6, cancelled: 4 },
    });
    await retry(action);
    const next = await stores.actions.get('acme', action.actionId);
    expect(next).toMatchObject({ status: 'pending', counts: { cancelled: 0, pending: 4 } });
    expect(next).not.toHaveProperty('cancelRequestedAt');
  });

  describe('GIVEN a selection', () => {
    const refused = { code: 'refused', message: 'No.' };
    const rows: SettledRow[] = [
      { rowNumber: 2, answer: 'created', entityId: 'e' },
      { rowNumber: 3, answer: 'failed', errors: [refused] },
      { rowNumber: 4, answer: 'unprocessed', errors: [{ code: 'unprocessed', message: 'No turn.' }] },
    ];
    const answered = async () => {
      const action = await ended();
      await stores.bucket.putLines(sheetKeys.results(action.actionId, sheetChunkName(0)), rows);
      return action;
    };

    test.each<[string, RetrySelection]>([
      ['an error code of a row', { codes: ['refused', 'other'] }],
      ['the numbers of a row', { rows: { from: 4, to: 9 } }],
      ['both of one row', { codes: ['unprocessed'], rows: { from: 3, to: 4 } }],
    ])('WHEN it has %s THEN the run keeps it, and the counts until its rows are found', async (_, selection) => {
      const action = await answered();
      await retry(action, selection);
      expect(await stores.actions.get('acme', action.actionId)).toMatchObject({
        run: 1,
        selection,
        counts: action.counts,
      });
    });

    test.each<[string, RetrySelection]>([
      ['a code that no row has', { codes: ['other'] }],
      ['numbers of rows that did not fail', { rows: { from: 1, to: 2 } }],
      ['a code and numbers of different rows', { codes: ['refused'], rows: { from: 4, to: 4 } }],
    ])('WHEN it has %s THEN nothing runs', async (_, selection) => {
      const action = await answered();
      await expect(retry(action, selection)).rejects.toMatchObject({ code: 'nothing_selected' });
      expect((await stores.actions.get('acme', action.actionId)).run).toBe(0);
    });
  });

  test('GIVEN an action whose rows are no longer kept WHEN retried THEN it is refused', async () => {
    const action = newAction({ ...(await ended()), actionId: randomUUID() });
    await stores.actions.create(action);
    await expect(retry(action)).rejects.toMatchObject({ code: 'illegal_transition' });
  });

  test('GIVEN another account WHEN it retries THEN there is no such action', async () => {
    const action = await ended();
    const stranger = { ...caller, accountId: 'other' };
    await expect(retryBulkAction(stores, stranger, action.actionId, { deadlineSeconds: 3_600 })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
