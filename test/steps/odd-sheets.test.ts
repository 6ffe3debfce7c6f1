import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { type StagedRow, sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { findProcess, requireProcess } from '../../lambdas/processes/registry.ts';
import { reportNames } from '../../lambdas/steps/report-names.ts';
import { settleChunk } from '../../lambdas/steps/settle-chunk.ts';
import { stageSheet } from '../../lambdas/steps/stage-sheet.ts';
import { writeReport } from '../../lambdas/steps/write-report.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import { readAll } from '../sheets/sheets.ts';
import { textRow, workbook } from '../sheets/workbook.ts';
import { newAction } from '../support/actions.ts';
import { facilities, facilityHeaders, facilitySheet } from '../support/facilities.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { collect, inputOf } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** An action whose sheet is staged and reported. */
async function run(content: string | Buffer): Promise<BulkAction> {
  const action = newAction({ status: 'validating', onInvalidRow: 'skip' });
  const source = { ...action.source, size: Buffer.byteLength(content) };
  await stores.bucket.put(source.key, content, 'application/octet-stream');
  await stores.actions.create({ ...action, source });
  const { chunks } = await stageSheet(stores, inputOf({ ...action, source }), requireProcess);
  for (const chunk of chunks) {
    await settleChunk(stores, { ...inputOf(action), chunk, mode: 'final' }, requireProcess);
  }
  await writeReport(stores, inputOf(action), findProcess);
  return stores.actions.get(action.accountId, action.actionId);
}

function rowsOf({ actionId }: BulkAction): Promise<StagedRow[]> {
  return collect(stores.bucket.readLines<StagedRow>(sheetKeys.chunk(actionId, sheetChunkName(0)), 1_000));
}

async function report({ actionId }: BulkAction, name: string): Promise<Buffer> {
  return Buffer.concat(await (await stores.bucket.open(sheetKeys.report(actionId, name))).toArray());
}

const { rows } = facilitySheet(facilities(3));

describe('GIVEN a worksheet named History with damaged cells', () => {
  it('WHEN it is staged and reported THEN they are invalid, in the report and again from failed.csv', async () => {
    const [, ...others] = rows[0] as string[];
    const shared = [
      '<c t="s"><v>0</v></c>',
      '<c t="e"><v>#N/A</v></c>',
      '<c t="inlineStr"><is><t>h_xD83D_</t></is></c>',
    ];
    const data = shared.map((cell, index) => textRow(index + 2, ...others).replace('>', `>${cell}`));
    const sheets = [{ name: 'History', data: textRow(1, ...facilityHeaders) + data.join('') }];
    const action = await run(workbook({ sheets, strings: '<si><t>h_xD83D_</t></si>' }));
    const codes = ['bad_character', 'formula_failed', 'bad_character'];
    expect((await rowsOf(action)).map(({ errors }) => errors?.map(({ code }) => code))).toEqual(
      codes.map((code) => [code]),
    );
    expect(await readAll(await report(action, reportNames.report('xlsx')))).toMatchObject({ sheetName: 'History_' });
    const again = await run(await report(action, reportNames.failed));
    expect((await rowsOf(again)).map(({ errors }) => errors?.map(({ code }) => code))).toEqual(
      codes.map((code) => [code]),
    );
  });
});

describe('GIVEN a sheet whose first letter beyond ASCII is Windows-1252 and far behind', () => {
  it('WHEN it is staged THEN the encoding that is told is the one found there', async () => {
    const lines = [
      facilityHeaders,
      ...facilitySheet(facilities(6_000)).rows,
      ['Gur\xfa\xe8', ...(rows[0]?.slice(1) ?? [])],
    ];
    const text = lines.map((cells) => cells.join(',')).join('\n');
    const { sheet, counts } = await run(Buffer.from(text, 'latin1'));
    expect([sheet?.encoding, counts.rows, counts.invalid]).toEqual(['windows-1252', 6_001, 0]);
  });
});

describe('GIVEN a sheet that declares an unusual delimiter', () => {
  it('WHEN its report is uploaded THEN its rows and their numbers are those of the sheet', async () => {
    const lines = [facilityHeaders, ...rows].map((cells) => cells.join('^'));
    const action = await run(['sep=^', ...lines].join('\r\n'));
    const again = await run(await report(action, reportNames.report('csv')));
    expect(again.sheet).toEqual(action.sheet);
    const told = (staged: StagedRow[]) => staged.map(({ rowNumber, cells }) => [rowNumber, ...(cells ?? [])]);
    expect(told(await rowsOf(again))).toEqual(rows.map((cells, index) => [index + 2, ...cells]));
  });
});
