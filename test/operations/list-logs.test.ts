import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import type { LogEntry } from '../../lambdas/model/api/logs-and-stats.ts';
import { withoutRun } from '../../lambdas/model/run-times.ts';
import type { SettledRow, StagedRow } from '../../lambdas/model/staged-row.ts';
import { sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { type LogsQuery, listLogs } from '../../lambdas/operations/list-logs.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { newAction, stagedRow } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const at = (second: number) => `2026-03-13T10:00:${String(second).padStart(2, '0')}.000Z`;
const wrong = { code: 'required', message: 'Missing.', column: 'facilityName' };
const refused = { code: 'refused', message: 'No.' };
const staged: StagedRow[][] = [
  [stagedRow(2), { rowNumber: 3, errors: [wrong, { ...wrong, column: 'usage' }] }],
  [{ rowNumber: 4, uniqueIdentifier: 'Facility 2', duplicateOf: 2 }, stagedRow(5)],
];
const answers: SettledRow[][] = [
  [
    { rowNumber: 2, answer: 'created', entityId: 'e-2' },
    { rowNumber: 3, answer: 'invalid', errors: [wrong, { ...wrong, column: 'usage' }] },
  ],
  [
    { rowNumber: 4, answer: 'duplicate', errors: [{ code: 'duplicate_in_sheet', message: 'Row 2.' }] },
    { rowNumber: 5, answer: 'failed', errors: [refused] },
  ],
];

/** An action whose sheet is staged: four rows in two chunks, two of them wrong. */
async function underWay(own: Partial<BulkAction> = {}): Promise<BulkAction> {
  const action = newAction({
    status: 'processing',
    createdAt: at(0),
    claimedAt: at(1),
    stagedAt: at(2),
    sheet: { format: 'csv', headers: ['facilityName'], chunks: 2 },
    counts: { ...noCounts, rows: 4, invalid: 1, duplicate: 1, pending: 2 },
    warnings: ['Column "x" is ignored.'],
    ...own,
  });
  for (const [index, rows] of staged.entries()) {
    await stores.bucket.putLines(sheetKeys.chunk(action.actionId, sheetChunkName(index)), rows);
  }
  return action;
}

/** The same action some seconds later, when every row has its answer. */
async function atItsEnd(action: BulkAction): Promise<BulkAction> {
  for (const [index, rows] of answers.entries()) {
    await stores.bucket.putLines(sheetKeys.results(action.actionId, sheetChunkName(index)), rows);
  }
  return {
    ...action,
    status: 'failed',
    counts: { ...noCounts, rows: 4, created: 1, invalid: 1, duplicate: 1, failed: 1 },
    settledAt: at(5),
    finishedAt: at(6),
  };
}

const read = (action: BulkAction, query: Partial<LogsQuery> = {}) => listLogs(stores, action, { limit: 100, ...query });
const told = (items: readonly LogEntry[]) =>
  items.map(({ rowNumber, code }) => [rowNumber, code].filter(Boolean).join(' '));
const begun = ['submitted', 'started', 'staged', 'warning'];
const findings = ['3 required', '3 required', '4 duplicate_in_sheet'];

describe('GIVEN an action under way', () => {
  it('WHEN its log is read THEN what staging found is there, and a place to read on from later', async () => {
    const { items, cursor, resume } = await read(await underWay());
    expect(told(items)).toEqual(['submitted', 'started', 'staged', ...findings, 'warning']);
    expect(items.find(({ rowNumber }) => rowNumber === 3)).toEqual({
      at: at(2),
      status: 'skipped',
      rowNumber: 3,
      ...wrong,
    });
    expect([cursor, resume]).toEqual([undefined, expect.any(String)]);
  });

  it('WHEN it has gone on THEN from that place on there is what is new, and nothing twice', async () => {
    const action = await underWay();
    const { resume } = await read(action);
    const later = await read(action, { cursor: resume as string });
    expect(later.items).toEqual([]);
    const rest = await read(await atItsEnd(action), { cursor: later.resume ?? (resume as string) });
    expect(told(rest.items)).toEqual(['settled', '2 created', '5 refused', 'finished']);
    expect(rest).not.toHaveProperty('cursor');
    expect(rest).not.toHaveProperty('resume');
  });

  it('WHEN a page ended amid the rows THEN the next one goes on there, although the rows were answered meanwhile', async () => {
    const action = await underWay();
    const first = await read(action, { limit: 4 });
    const rest = await read(await atItsEnd(action), { cursor: first.cursor as string });
    expect(told([...first.items, ...rest.items])).toEqual([
      ...['submitted', 'started', 'staged', ...findings, 'warning'],
      ...['settled', '2 created', '5 refused', 'finished'],
    ]);
  });
});

describe('GIVEN an action that has ended', () => {
  it('WHEN only what went wrong is asked for THEN nothing else is told', async () => {
    const action = await atItsEnd(await underWay());
    expect(told((await read(action, { status: 'failure' })).items)).toEqual(['5 refused']);
    expect(told((await read(action, { status: 'skipped', code: 'required' })).items)).toEqual(findings.slice(0, 2));
    expect(told((await read(action, { status: 'system' })).items)).toEqual([...begun, 'settled', 'finished']);
    expect((await read(action, { code: 'nowhere' })).items).toEqual([]);
  });

  it('WHEN its rows are no longer kept THEN it says so, and tells the rest', async () => {
    const action = { ...(await atItsEnd(await underWay())), actionId: 'forgotten' };
    expect(told((await read(action)).items)).toEqual([
      ...['submitted', 'started', 'staged', 'rows_not_kept', 'warning'],
      ...['settled', 'rows_not_kept', 'finished'],
    ]);
  });

  it('WHEN it had a problem THEN the log names it by its code', async () => {
    const action = { ...(await atItsEnd(await underWay())), problem: { code: 'internal_error', detail: 'Broken.' } };
    expect((await read(action, { code: 'internal_error' })).items).toMatchObject([{ at: at(6), message: 'Broken.' }]);
  });
});

describe('GIVEN an action that is retried', () => {
  it('WHEN its log is read THEN both runs are told, and the rows as they were answered last', async () => {
    const first = await atItsEnd(await underWay());
    await stores.earlierRuns.keep(first);
    await stores.earlierRuns.keep(first);
    const { finishedAt, ...kept } = withoutRun(first);
    const next: BulkAction = { ...kept, status: 'pending', run: 1, counts: { ...first.counts, failed: 0, pending: 1 } };
    const waiting = await read(next);
    expect(told(waiting.items)).toEqual([
      ...['submitted', 'started', 'staged', ...findings, 'warning'],
      ...['settled', '2 created', '5 refused', 'finished', 'retried'],
    ]);

    const answered = [answers[1]?.[0] as SettledRow, { rowNumber: 5, answer: 'created', entityId: 'e-5' } as const];
    await stores.bucket.putLines(sheetKeys.results(next.actionId, sheetChunkName(1)), answered);
    const soon = (second: number) => new Date(Date.now() + second * 1_000).toISOString();
    const ended: BulkAction = {
      ...next,
      status: 'completed_with_failures',
      counts: { ...next.counts, created: 2, pending: 0 },
      claimedAt: soon(1),
      settledAt: soon(2),
      finishedAt: soon(3),
    };
    const rest = await read(ended, { cursor: waiting.resume as string });
    expect(told(rest.items)).toEqual(['started', 'settled', '2 created', '5 created', 'finished']);
  });
});
