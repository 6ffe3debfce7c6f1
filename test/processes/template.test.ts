import { Readable } from 'node:stream';
import exceljs from 'exceljs';
import { describe, expect, test } from 'vitest';
import type { ProcessDefinition } from '../../lambdas/model/process.ts';
import { facilityCreation } from '../../lambdas/processes/facility-creation.ts';
import { allProcesses } from '../../lambdas/processes/registry.ts';
import { writeTemplate } from '../../lambdas/processes/template.ts';
import { userCreation } from '../../lambdas/processes/user-creation.ts';
import { createRowReader, type ReadRow } from '../../lambdas/processes/validate-row.ts';
import { openSheet } from '../../lambdas/sheets/open-sheet.ts';

describe('the template as XLSX', () => {
  test.each(allProcesses().map((process) => [process.name, process] as const))(
    'GIVEN the template of %s filled in with its examples WHEN uploaded as it is THEN every row is valid',
    async (_, process) => {
      const workbook = await load(await writeTemplate(process, 'xlsx'));
      const sheet = workbook.worksheets[0];
      sheet?.addRow(Object.values(process.columns).map(({ example }) => example));
      const rows = await readRows(process, Buffer.from(await workbook.xlsx.writeBuffer()));
      expect(rows).toEqual([{ data: expect.anything(), uniqueIdentifier: expect.any(String) }]);
    },
  );

  test('GIVEN the template WHEN opened THEN required columns are marked and the header stays in view', async () => {
    const sheet = (await load(await writeTemplate(facilityCreation, 'xlsx'))).worksheets[0];
    expect(sheet?.getRow(1).values).toEqual([
      undefined,
      'facilityName (Mandatory)',
      'facilityType (Mandatory)',
      'facilityStatus (Mandatory)',
      'capacity (Mandatory)',
      'boundaryCode (Mandatory)',
      'usage (Mandatory)',
      'latitude',
      'longitude',
    ]);
    expect(sheet?.views).toMatchObject([{ state: 'frozen', ySplit: 1 }]);
  });

  test('GIVEN a column of choices WHEN a cell is filled in THEN the drop-down has them, from the hidden sheet', async () => {
    const workbook = await load(await writeTemplate(facilityCreation, 'xlsx'));
    const [sheet, , lists] = workbook.worksheets;
    expect(sheet?.getCell('B2').dataValidation).toMatchObject({
      type: 'list',
      formulae: ['Lists!$A$1:$A$3'],
      showErrorMessage: true,
    });
    expect(lists?.state).toBe('hidden');
    const choices = [1, 2, 3].map((row) => lists?.getCell(row, 1).value);
    expect(choices).toEqual(['Warehouse', 'Health Facility', 'Storing Resource']);
  });

  test('GIVEN a column of several choices WHEN several are typed THEN the drop-down lets them pass', async () => {
    const sheet = (await load(await writeTemplate(userCreation, 'xlsx'))).worksheets[0];
    expect(sheet?.getCell('C2').dataValidation).toMatchObject({ type: 'list' });
    expect(sheet?.getCell('C2').dataValidation.showErrorMessage).not.toBe(true);
  });

  test('GIVEN a phone column WHEN a number is typed THEN it is text', async () => {
    const sheet = (await load(await writeTemplate(userCreation, 'xlsx'))).worksheets[0];
    expect(sheet?.getColumn(2).numFmt).toBe('@');
  });

  test('GIVEN the template as it is WHEN uploaded THEN it has no rows: examples stand on the other sheet', async () => {
    const bytes = await writeTemplate(userCreation, 'xlsx');
    const explanation = (await load(bytes)).getWorksheet('Columns');
    expect(explanation?.getRow(3).values).toContain('0841234567');
    await expect(readRows(userCreation, bytes)).rejects.toMatchObject({ code: 'no_rows' });
  });
});

describe('the template as CSV', () => {
  test('GIVEN the template filled in WHEN uploaded as it is THEN the row is valid', async () => {
    const header = await writeTemplate(userCreation, 'csv');
    const row = Object.values(userCreation.columns).map(({ example }) => `"${example}"`);
    const rows = await readRows(userCreation, Buffer.concat([header, Buffer.from(row.join(','))]));
    expect(rows).toMatchObject([{ uniqueIdentifier: '0841234567' }]);
  });
});

async function load(bytes: Buffer): Promise<exceljs.Workbook> {
  const workbook = new exceljs.Workbook();
  // exceljs declares a Buffer of its own, older than Node's.
  await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
  return workbook;
}

async function readRows(process: ProcessDefinition, bytes: Buffer): Promise<ReadRow[]> {
  const sheet = await openSheet({
    size: bytes.length,
    open: async (range) => Readable.from([bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)]),
  });
  const reader = createRowReader(process, sheet.headers);
  expect(reader).toMatchObject({ missing: [], unknown: [], conflicts: [] });
  const rows: ReadRow[] = [];
  for await (const batch of sheet.batches) rows.push(...batch.map(({ cells }) => reader.read(cells)));
  return rows;
}
