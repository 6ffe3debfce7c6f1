import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { bulkActionSchema, reportSchema, rowListSchema } from '../../lambdas/model/api.ts';
import { type SettledRow, sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { linkReport } from '../../lambdas/operations/link-report.ts';
import { listRows } from '../../lambdas/operations/list-rows.ts';
import { viewBulkAction, viewLive } from '../../lambdas/operations/view-bulk-action.ts';
import { viewStats } from '../../lambdas/operations/view-stats.ts';
import { measureProgress } from '../../lambdas/steps/measure-progress.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

describe('viewBulkAction', () => {
  const at = (seconds: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, seconds)).toISOString();

  test('GIVEN an action WHEN viewed THEN it is what the API promises, less what is nobody’s business', () => {
    const view = viewBulkAction(newAction());
    expect(bulkActionSchema.parse(view)).toEqual(view);
    expect(JSON.stringify(view)).not.toMatch(/acme|uploads\//);
  });

  test('GIVEN counts in any order WHEN viewed THEN the text is the same', () => {
    const counts = { ...noCounts, rows: 3, created: 3 };
    const shuffled = Object.fromEntries(Object.entries(counts).reverse()) as typeof counts;
    const action = newAction();
    const now = new Date();
    const [one, other] = [counts, shuffled].map((own) =>
      JSON.stringify(viewBulkAction({ ...action, counts: own }, now)),
    );
    expect(one).toBe(other);
  });

  test('GIVEN a quarter of the batches done after ten seconds WHEN viewed THEN pace and time left follow', () => {
    const action = newAction({
      status: 'processing',
      batches: { total: 40, done: 10 },
      movement: { done: 10, since: at(9), dispatchedAt: at(0) },
    });
    expect(viewBulkAction(action, new Date(at(10))).progress).toEqual({
      percent: 25,
      rowsPerSecond: 100,
      etaSeconds: 30,
    });
  });

  test('GIVEN an ended action WHEN viewed THEN its pace is that of the whole', () => {
    const counts = { ...noCounts, rows: 100, created: 100 };
    const action = newAction({ status: 'completed', counts, startedAt: at(0), finishedAt: at(4) });
    expect(viewBulkAction(action).progress).toEqual({ percent: 100, rowsPerSecond: 25, etaSeconds: 0 });
  });

  test('GIVEN batches that have answered WHEN viewed live THEN the counts have moved and still add up', async () => {
    const counts = { ...noCounts, rows: 250, known: 50, pending: 200 };
    const action = newAction({ status: 'processing', counts, batches: { total: 3, done: 0 } });
    await stores.actions.create(action);
    await stores.actions.markBatch(action, { batch: 1, created: 90, failed: 10 });
    await stores.actions.markBatch(action, { batch: 1, created: 90, failed: 10 });
    // Revived rows are no rows of the sheet, so more may be created than the sheet has pending.
    await stores.actions.markBatch(action, { batch: 2, created: 105, failed: 5 });
    const view = await viewLive(stores.actions, action);
    expect(view.counts).toMatchObject({ rows: 250, known: 50, created: 195, failed: 5, pending: 0 });
    expect(view.batches).toEqual({ total: 3, done: 2 });
  });

  test('GIVEN more batches than are counted at each look WHEN viewed live THEN the counts are those of the last measure', async () => {
    const counts = { ...noCounts, rows: 150_000, pending: 150_000 };
    const action = newAction({ status: 'processing', counts, batches: { total: 1_500, done: 0 } });
    await stores.actions.create(action);
    const look = async () => viewLive(stores.actions, await stores.actions.get(action.accountId, action.actionId));
    const measure = () =>
      measureProgress(
        stores.actions,
        { accountId: action.accountId, actionId: action.actionId, run: 0, level: 0 },
        { settleSeconds: 60, stallSeconds: 30 },
      );
    await measure();
    expect((await look()).counts).toMatchObject(counts);
    await stores.actions.markBatch(action, { batch: 1, created: 60, updated: 30, failed: 10 });
    await measure();
    await stores.actions.markBatch(action, { batch: 2, created: 100, failed: 0 });
    const view = await look();
    expect(view.counts).toMatchObject({ rows: 150_000, created: 60, updated: 30, failed: 10, pending: 149_900 });
    expect(view.batches).toEqual({ total: 1_500, done: 1 });
  });
});

describe('listRows', () => {
  const answers = ['created', 'invalid', 'known'] as const;

  /** An ended action whose rows lie in chunks of these sizes. */
  async function ended(...chunkSizes: number[]): Promise<BulkAction> {
    let rowNumber = 1;
    const action = newAction({
      status: 'completed',
      counts: { ...noCounts, created: 1, invalid: 1, known: 1 },
      sheet: { format: 'csv', headers: ['pvarId'], chunks: chunkSizes.length },
    });
    for (const [index, size] of chunkSizes.entries()) {
      const rows = Array.from({ length: size }, (): SettledRow => {
        const own = { rowNumber: ++rowNumber, uniqueIdentifier: `P${rowNumber}` };
        return { ...own, answer: answers[rowNumber % 3] as (typeof answers)[number] };
      });
      await stores.bucket.putLines(sheetKeys.results(action.actionId, sheetChunkName(index)), rows);
    }
    return action;
  }

  async function allRows(action: BulkAction, limit: number, status?: (typeof answers)[number]) {
    const numbers: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRows(stores.bucket, action, {
        limit,
        ...(status && { status }),
        ...(cursor && { cursor }),
      });
      expect(rowListSchema.parse(page)).toEqual(page);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      numbers.push(...page.items.map((row) => row.rowNumber));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return numbers;
  }

  test.each([1, 7, 10, 25, 1_000])(
    'GIVEN pages of %d rows WHEN all are read THEN each row comes once, in order',
    async (limit) => {
      const action = await ended(10, 5, 10);
      expect(await allRows(action, limit)).toEqual(Array.from({ length: 25 }, (_, i) => i + 2));
    },
  );

  test('GIVEN a status WHEN listed THEN its rows only, across chunks', async () => {
    const action = await ended(10, 5, 10);
    expect(await allRows(action, 2, 'created')).toEqual([3, 6, 9, 12, 15, 18, 21, 24]);
  });

  test('GIVEN a status that no row has WHEN listed THEN nothing is read', async () => {
    const action = newAction({ status: 'completed', sheet: { format: 'csv', headers: [], chunks: 9 } });
    expect(await listRows(stores.bucket, action, { limit: 10, status: 'failed' })).toEqual({ items: [] });
  });

  test('GIVEN a running action WHEN its rows are listed THEN illegal_transition', async () => {
    const listing = listRows(stores.bucket, newAction({ status: 'processing' }), { limit: 10 });
    await expect(listing).rejects.toMatchObject({ code: 'illegal_transition' });
  });

  test('GIVEN answers that are no longer kept WHEN listed THEN no_longer_kept points to the report', async () => {
    const action = newAction({ status: 'completed', sheet: { format: 'csv', headers: [], chunks: 1 } });
    const listing = listRows(stores.bucket, action, { limit: 10 });
    await expect(listing).rejects.toMatchObject({ code: 'no_longer_kept', message: expect.stringContaining('report') });
  });

  test('GIVEN the cursor of another action, or what is none WHEN listed THEN invalid_request', async () => {
    const action = await ended(3);
    const { cursor = '' } = await listRows(stores.bucket, await ended(3), { limit: 1 });
    for (const foreign of ['x', '1', '0.0', cursor]) {
      const listing = listRows(stores.bucket, action, { limit: 10, cursor: foreign });
      await expect(listing).rejects.toMatchObject({
        code: 'invalid_request',
        members: { errors: [{ in: 'query', path: 'cursor' }] },
      });
    }
  });
});

describe('linkReport', () => {
  const times = { expirySeconds: 600, reportDays: 30 };

  test('GIVEN a report WHEN linked THEN the links lead to what there is, under the sheet’s name', async () => {
    const action = newAction({ status: 'completed', sheet: { format: 'csv', headers: [], chunks: 1 } });
    await stores.bucket.put(sheetKeys.report(action.actionId, 'report.csv'), 'a,b', 'text/csv');
    await stores.bucket.put(sheetKeys.report(action.actionId, 'summary.json'), '{"run":0}', 'application/json');
    const links = await linkReport(stores.bucket, action, times);
    expect(reportSchema.parse(links)).toEqual(links);
    expect(Object.keys(links).sort()).toEqual(['expiresAt', 'report', 'summary']);
    const link = new URL(links.report as string);
    expect(await (await fetch(link)).text()).toBe('a,b');
    // What S3 is asked to name the download; the embedded S3 does not follow it.
    expect(link.searchParams.get('response-content-disposition')).toContain('facilities.report.csv');
  });

  test('GIVEN a retry that could write no report WHEN linked THEN not_found, and not the report of the run before', async () => {
    const problem = { code: 'internal_error', detail: 'x' };
    const sheet = { format: 'csv', headers: [], chunks: 1 } as const;
    const action = newAction({ status: 'failed', run: 1, problem, sheet });
    await stores.bucket.put(sheetKeys.report(action.actionId, 'report.csv'), 'a,b', 'text/csv');
    await stores.bucket.put(sheetKeys.report(action.actionId, 'summary.json'), '{"run":0}', 'application/json');
    const link = linkReport(stores.bucket, action, times);
    await expect(link).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('Retry it') });
  });

  test('GIVEN a report whose days are over WHEN linked THEN no_longer_kept, though the object may still be there', async () => {
    const finishedAt = inSeconds(-31 * 86_400);
    const action = newAction({ status: 'completed', finishedAt });
    await stores.bucket.put(sheetKeys.report(action.actionId, 'summary.json'), '{}', 'application/json');
    const link = linkReport(stores.bucket, action, times);
    await expect(link).rejects.toMatchObject({ code: 'no_longer_kept', status: 410 });
  });

  test('GIVEN no report WHEN linked THEN not_found; of a running action illegal_transition', async () => {
    const problem = { code: 'internal_error', detail: 'x' };
    const read = { status: 'failed', problem, sheet: { format: 'csv', headers: [], chunks: 1 } } as const;
    const ended = linkReport(stores.bucket, newAction(read), times);
    await expect(ended).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('Retry it') });
    const unread = linkReport(stores.bucket, newAction({ ...read, sheet: undefined }), times);
    await expect(unread).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('Submit') });
    const running = linkReport(stores.bucket, newAction({ status: 'mapping' }), times);
    await expect(running).rejects.toMatchObject({ code: 'illegal_transition' });
  });
});

describe('viewStats', () => {
  test('GIVEN a retry that could write no report WHEN its figures are read THEN those of the run before are not told', async () => {
    const action = newAction({ status: 'failed', run: 1 });
    const errorCodes = [{ code: 'required', count: 2 }];
    const writeSummaryOf = (run: number) =>
      stores.bucket.put(
        sheetKeys.report(action.actionId, 'summary.json'),
        JSON.stringify({ run, errorCodes }),
        'application/json',
      );
    expect(await viewStats(stores, action)).not.toHaveProperty('errorCodes');
    await writeSummaryOf(0);
    expect(await viewStats(stores, action)).not.toHaveProperty('errorCodes');
    await writeSummaryOf(1);
    expect(await viewStats(stores, action)).toMatchObject({ errorCodes });
  });
});
