import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { rowScopeOf } from '../../lambdas/model/row-scope.ts';
import { type StagedRow, sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { findProcess, requireProcess } from '../../lambdas/processes/registry.ts';
import { reportNames } from '../../lambdas/steps/report-names.ts';
import { settleChunk } from '../../lambdas/steps/settle-chunk.ts';
import { stageSheet } from '../../lambdas/steps/stage-sheet.ts';
import { writeReport } from '../../lambdas/steps/write-report.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { newAction } from '../support/actions.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { delimited, records } from '../support/sheet-files.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { collect, inputOf } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** An action whose sheet is in the bucket. */
async function submitted(content: string, own: Partial<BulkAction> = {}): Promise<BulkAction> {
  const action = newAction({ status: 'validating', onInvalidRow: 'skip', ...own });
  const source = { ...action.source, size: Buffer.byteLength(content) };
  await stores.bucket.put(source.key, content, 'text/plain');
  await stores.actions.create({ ...action, source });
  return { ...action, source };
}

function stage(action: BulkAction) {
  return stageSheet(stores, inputOf(action), requireProcess);
}

async function chunkOf(action: BulkAction, index: number): Promise<StagedRow[]> {
  return collect(stores.bucket.readLines<StagedRow>(sheetKeys.chunk(action.actionId, sheetChunkName(index)), 1_000));
}

function stored({ accountId, actionId }: BulkAction): Promise<BulkAction> {
  return stores.actions.get(accountId, actionId);
}

describe('GIVEN a sheet of more rows than a chunk holds', () => {
  it('WHEN it is staged twice THEN its chunks are the same, and hold each row once, in order', async () => {
    const action = await submitted(delimited(facilitySheet([...facilities(2_300), facility('Facility 1')])));
    const result = await stage(action);
    expect(result).toEqual({ outcome: 'staged', chunks: ['000000', '000001', '000002'] });
    const chunks = await Promise.all([0, 1, 2].map((index) => chunkOf(action, index)));
    expect(chunks.map((chunk) => chunk.length)).toEqual([1_000, 1_000, 301]);
    expect(chunks.flat().map(({ rowNumber }) => rowNumber)).toEqual(
      Array.from({ length: 2_301 }, (_, index) => index + 2),
    );
    expect(chunks[2]?.at(-1)).toMatchObject({ rowNumber: 2_302, duplicateOf: 2 });
    expect(await stage(action)).toEqual(result);
    expect(await Promise.all([0, 1, 2].map((index) => chunkOf(action, index)))).toEqual(chunks);
    expect((await stored(action)).counts).toMatchObject({ rows: 2_301, pending: 2_300, duplicate: 1, invalid: 0 });
  });
});

describe('GIVEN a report that is uploaded again', () => {
  it('WHEN it is staged THEN its own columns are gone, and warned of as little as read', async () => {
    const { headers, rows } = facilitySheet(facilities(2));
    const report = {
      headers: ['#status#', ...headers, '#errorDetails#', '#entityId#'],
      rows: rows.map((row) => ['failed', ...row, 'Because.', '']),
    };
    const action = await submitted(delimited(report));
    await stage(action);
    expect((await stored(action)).sheet?.headers).toEqual(headers);
    expect((await stored(action)).warnings).toEqual([]);
    expect((await chunkOf(action, 0)).map(({ cells }) => cells)).toEqual(rows);
  });
});

describe('GIVEN records that bring a key after many others', () => {
  it('WHEN they are staged and reported THEN it is a column that is empty where it was not', async () => {
    const first = records(facilitySheet(facilities(600)));
    const lines = [...first, { ...facility('Last'), remark: 'late' }]
      .map((record) => JSON.stringify(record))
      .join('\n');
    const action = await submitted(lines);
    await stage(action);
    await settleChunk(stores, { ...inputOf(action), chunk: '000000', mode: 'final' }, requireProcess);
    await writeReport(stores, inputOf(action), findProcess);
    const [, report] = await reportOf(action, 'ndjson');
    const remarks = report
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).remark);
    expect([remarks.length, remarks[0], remarks.at(-1)]).toEqual([601, undefined, 'late']);
    expect((await stored(action)).warnings).toEqual([expect.stringContaining('"remark"')]);
  });
});

describe('GIVEN a sheet that breaks off after its first rows', () => {
  it('WHEN it is staged THEN what was read is kept to answer for, and nothing of it may be created', async () => {
    const action = await submitted(`${delimited(facilitySheet(facilities(700)))}"open`);
    expect(await stage(action)).toMatchObject({ outcome: 'rejected', chunks: ['000000'] });
    const { problem, counts } = await stored(action);
    expect(problem?.code).toBe('unclosed_quote');
    expect(counts.rows).toBe((await chunkOf(action, 0)).length);
  });
});

describe('GIVEN settled chunks', () => {
  it('WHEN they are reported THEN failed.csv has the rows to mend as they were, and the report all of them', async () => {
    const sheet = facilitySheet([facility('Good'), facility('=cmd()', { capacity: 'x' }), facility('Refused')]);
    const action = await submitted(delimited(sheet));
    await stage(action);
    const scope = rowScopeOf(action);
    const staged = (await chunkOf(action, 0)).filter((row) => row.data !== undefined) as never[];
    await stores.tracking.insertPending(scope, action.actionId, staged);
    await stores.tracking.markSuccess(scope, action.actionId, ['Good']);
    const error = { code: 'x', message: 'Too full.', column: 'capacity' };
    await stores.tracking.markFailed(scope, action.actionId, [{ uniqueIdentifier: 'Refused', error }]);
    const { counts } = await settleChunk(
      stores,
      { ...inputOf(action), chunk: '000000', mode: 'count' },
      requireProcess,
    );
    await stores.actions.record(action.accountId, action.actionId, {
      counts: { ...(await stored(action)).counts, pending: 0, ...counts },
    });
    await writeReport(stores, inputOf(action), findProcess);
    const [failed, full] = await reportOf(action, 'csv');
    const cells = (text: string) => (parse(text, { bom: true }) as string[][]).slice(1);
    expect(cells(full).map((row) => [row[0], row.at(-3), row.at(-2)])).toEqual([
      ['Good', 'created', ''],
      ["'=cmd()", 'invalid', expect.stringContaining('capacity: ')],
      ['Refused', 'failed', 'capacity: Too full.'],
    ]);
    expect(cells(failed)).toEqual(cells(full).slice(1));
  });

  it('WHEN an answer is missing THEN there is no report that would hide it', async () => {
    const action = await submitted(delimited(facilitySheet(facilities(2))));
    await stage(action);
    await stores.bucket.putLines(sheetKeys.results(action.actionId, '000000'), [{ rowNumber: 2, answer: 'created' }]);
    await expect(writeReport(stores, inputOf(action), findProcess)).rejects.toThrow(/row 3/);
    expect(await stores.bucket.head(sheetKeys.report(action.actionId, reportNames.report('csv')))).toBeUndefined();
  });
});

/** The texts of `failed.csv`, empty when there is none, and of the full report. */
async function reportOf(action: BulkAction, format: 'csv' | 'ndjson'): Promise<[string, string]> {
  const text = async (name: string) => {
    const key = sheetKeys.report(action.actionId, name);
    if (!(await stores.bucket.head(key))) return '';
    return String(Buffer.concat(await (await stores.bucket.open(key)).toArray()));
  };
  return [await text(reportNames.failed), await text(reportNames.report(format))];
}
