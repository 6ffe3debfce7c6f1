import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { type StagedRow, sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { findProcess, requireProcess } from '../../lambdas/processes/registry.ts';
import { reportNames } from '../../lambdas/steps/report-names.ts';
import { settleChunk } from '../../lambdas/steps/settle-chunk.ts';
import { stageSheet } from '../../lambdas/steps/stage-sheet.ts';
import { writeReport } from '../../lambdas/steps/write-report.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { newAction } from '../support/actions.ts';
import { facilities, facility, facilityHeaders, facilitySheet } from '../support/facilities.ts';
import { records } from '../support/sheet-files.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { collect, inputOf } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

async function staged(content: string): Promise<{ action: BulkAction; outcome: string; rows: StagedRow[] }> {
  const action = newAction({ status: 'validating', onInvalidRow: 'skip' });
  const source = { ...action.source, size: Buffer.byteLength(content) };
  await stores.bucket.put(source.key, content, 'text/plain');
  await stores.actions.create({ ...action, source });
  const { outcome } = await stageSheet(stores, inputOf(action), requireProcess);
  const chunk = sheetKeys.chunk(action.actionId, sheetChunkName(0));
  const rows = await collect(stores.bucket.readLines<StagedRow>(chunk, 1_000));
  return { action: await stores.actions.get(action.accountId, action.actionId), outcome, rows };
}

/** What a sheet's `failed.csv` is when nothing of it was created. */
async function failedCsvOf(content: string): Promise<string> {
  const { action } = await staged(content);
  await settleChunk(stores, { ...inputOf(action), chunk: '000000', mode: 'final' }, requireProcess);
  await writeReport(stores, inputOf(action), findProcess);
  const body = await stores.bucket.open(sheetKeys.report(action.actionId, reportNames.failed));
  return Buffer.concat(await body.toArray()).toString();
}

const codesOf = (row: StagedRow | undefined) => row?.errors?.map(({ code }) => code);
const good = 'A,Warehouse,Permanent,5,B1,Active';

describe('GIVEN the failed.csv of ragged rows', () => {
  const header = `${facilityHeaders.join(',')},latitude,longitude`;

  it('WHEN it comes again as it is THEN a row that was too short is still no row, and says how to say that it is', async () => {
    const failed = await failedCsvOf(`${header}\n${good},39.8\n`);
    const { rows } = await staged(failed);
    expect(codesOf(rows[0])).toEqual(['too_few_cells']);
    expect(rows[0]?.errors?.[0]).toMatchObject({
      column: 'longitude',
      message: expect.stringContaining('clear #errorDetails#'),
    });
    expect(codesOf((await staged(await failedCsvOf(failed))).rows[0])).toEqual(['too_few_cells']);
  });

  it('WHEN the missing value is put in, or the details are cleared THEN it is a row', async () => {
    const failed = await failedCsvOf(`${header}\n${good},39.8\n`);
    const [top, row = ''] = failed.trim().split(/\r?\n/);
    const corrected = row.replace(',39.8,,', ',39.8,-17.2,');
    expect(corrected).not.toBe(row);
    expect((await staged(`${top}\n${corrected}\n`)).rows[0]?.data).toMatchObject({ latitude: 39.8, longitude: -17.2 });
    const cleared = `${good},39.8,,,,`;
    expect((await staged(`${top}\n${cleared}\n`)).rows[0]?.data).toMatchObject({ latitude: 39.8 });
  });

  it('WHEN a row that was too long comes again as it is THEN its joined cells are not taken for a value', async () => {
    const failed = await failedCsvOf(`${facilityHeaders.join(',')},note\n${good},x,y\n`);
    expect(failed).toContain('x | y');
    expect(codesOf((await staged(failed)).rows[0])).toEqual(['too_many_cells']);
    const corrected = failed.replace('x | y', 'x');
    expect((await staged(corrected)).rows[0]?.data).toMatchObject({ facilityName: 'A' });
  });
});

describe('GIVEN a sheet at its limits', () => {
  it('WHEN its failed.csv comes again THEN the columns of the report do not count', async () => {
    const extra = Array.from({ length: 256 - facilityHeaders.length }, (_, index) => `x${index}`.padEnd(261, 'x'));
    const all = [...facilityHeaders, ...extra];
    const last = all.pop() ?? '';
    all.push(last.padEnd(65_536 - Buffer.byteLength(all.join('')), 'x'));
    const header = all.join(',');
    const row = `${good.replace('5', 'five')}${','.repeat(extra.length)}`;
    const { action, rows } = await staged(await failedCsvOf(`${header}\n${row}\n`));
    expect(action.problem).toBeUndefined();
    expect(codesOf(rows[0])).toEqual(['not_a_whole_number']);
  });

  it('WHEN a row has more errors than a cell holds THEN they are told as far as they fit, and the row comes again', async () => {
    const codes = Array.from({ length: 480 }, (_, index) => `${index}`.padEnd(65, 'c')).join(';');
    const failed = await failedCsvOf(`${facilityHeaders.join(',')}\n${good.replace('B1', codes)}\n`);
    expect(failed).toMatch(/; and \d+ more/);
    expect(Buffer.byteLength(failed)).toBeLessThan(codes.length + 32_767 + 500);
    const { rows } = await staged(failed.replace(codes, 'B1'));
    expect(rows[0]?.data).toMatchObject({ facilityName: 'A' });
  });
});

describe('GIVEN records of JSON with keys that are no headers', () => {
  it('WHEN their failed.csv comes again THEN each column has a name of its own', async () => {
    const bad = facility('A', { capacity: 'five' });
    const failed = await failedCsvOf(JSON.stringify([{ ...bad, '': 'x', note: '1', 'note ': '2' }]));
    const { action, rows } = await staged(failed);
    expect(action.problem).toBeUndefined();
    expect(action.sheet?.headers).toEqual([...facilityHeaders, '(no name)', 'note', 'note (2)']);
    expect(rows[0]?.cells?.slice(-3)).toEqual(['x', '1', '2']);
  });
});

describe('GIVEN records whose keys turn up after many others', () => {
  const many = records(facilitySheet(facilities(300)));
  const lines = (all: readonly object[]) => all.map((record) => JSON.stringify(record)).join('\n');

  it('WHEN a late key means a column that another has THEN the sheet is refused, as if it had been there at once', async () => {
    const late = { ...facility('Late'), Facility_Name: 'Another' };
    const { outcome, action } = await staged(lines([...many, late]));
    expect(outcome).toBe('rejected');
    expect(action.problem).toMatchObject({ code: 'ambiguous_columns' });
  });

  it('WHEN only the last has a required key THEN the others lack it row by row, and the sheet is not said to', async () => {
    const without = many.map(({ usage: _, ...record }) => record);
    const { outcome, action } = await staged(lines([...without, facility('Late')]));
    expect([outcome, action.problem]).toEqual(['staged', undefined]);
    expect(action.counts).toMatchObject({ rows: 301, invalid: 300, pending: 1 });
  });

  it('WHEN none has it THEN the sheet lacks it', async () => {
    const { outcome, action } = await staged(lines(many.map(({ usage: _, ...record }) => record)));
    expect(outcome).toBe('rejected');
    expect(action.problem).toMatchObject({ code: 'missing_columns', items: ['usage'] });
  });

  it('WHEN the first hundreds are no objects THEN the others are read all the same', async () => {
    const { outcome, action } = await staged(`[${'7,'.repeat(250)}${JSON.stringify(facility('Late'))}]`);
    expect([outcome, action.problem]).toEqual(['staged', undefined]);
    expect(action.counts).toMatchObject({ rows: 251, invalid: 250, pending: 1 });
  });
});
