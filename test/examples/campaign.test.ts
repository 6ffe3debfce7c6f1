import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { describe, expect, it } from 'vitest';
import type { ExampleSheet } from '../../examples/generate/sheet.ts';
import { campaignDirectory, exampleSheets } from '../../examples/generate.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { createRowReader } from '../../lambdas/processes/validate-row.ts';
import { openSheet } from '../../lambdas/sheets/open-sheet.ts';

function generated(fileName: string): ExampleSheet {
  const sheet = exampleSheets().find((candidate) => candidate.fileName === fileName);
  if (!sheet) throw new Error(`The generator makes no ${fileName}.`);
  return sheet;
}

/** The rows of the file beside the generator, as Rollcall reads them. */
async function kept(fileName: string): Promise<{ headers: readonly string[]; rows: string[][] }> {
  const path = join(campaignDirectory, fileName);
  const { size } = await stat(path);
  const sheet = await openSheet({
    size,
    open: async ({ start, end } = { start: 0, end: size }) => createReadStream(path, { start, end: end - 1 }),
  });
  const rows: string[][] = [];
  for await (const batch of sheet.batches) rows.push(...batch.map(({ cells }) => cells));
  await sheet.close();
  return { headers: sheet.headers, rows };
}

/** What validation makes of the rows: the columns with errors, row by row (1 is the row below the header). */
async function mistakesIn(fileName: string, processName: string) {
  const { headers, rows } = await kept(fileName);
  const reader = createRowReader(requireProcess(processName), headers);
  const seen = new Set<string>();
  const mistakes: Record<number, string[]> = {};
  for (const [index, cells] of rows.entries()) {
    const read = reader.read(cells);
    if ('errors' in read) mistakes[index + 1] = read.errors.map(({ column }) => column ?? '');
    else if (seen.has(read.uniqueIdentifier)) mistakes[index + 1] = ['duplicate'];
    else seen.add(read.uniqueIdentifier);
  }
  return { rows: rows.length, missing: reader.missing, unknown: reader.unknown, mistakes };
}

describe('GIVEN the example campaign', () => {
  it.each(['boundaries.csv', 'campaign.csv', 'users.csv', 'facilities-moved.csv'])(
    'WHEN %s is generated again THEN it is the file that is kept',
    async (fileName) => {
      const { columns, rows } = generated(fileName);
      const lines = [columns, ...rows].map((row) => [...row]);
      expect(await readFile(join(campaignDirectory, fileName), 'utf8')).toBe(stringify(lines));
    },
  );

  it('WHEN facilities.xlsx is generated again THEN it has the cells that are kept', async () => {
    const { columns, rows } = generated('facilities.xlsx');
    const { headers, rows: keptRows } = await kept('facilities.xlsx');
    expect(headers).toEqual(columns);
    expect(keptRows).toEqual(rows.map((row) => row.map(String)));
  });

  it('WHEN its rows are validated THEN only the planned mistakes are found, each by its column', async () => {
    const clean = { missing: [], unknown: [] };
    expect(await mistakesIn('campaign.csv', 'campaignCreation')).toEqual({ ...clean, rows: 8, mistakes: {} });
    expect(await mistakesIn('facilities-moved.csv', 'facilityCreation')).toEqual({ ...clean, rows: 60, mistakes: {} });
    expect(await mistakesIn('facilities.xlsx', 'facilityCreation')).toEqual({
      ...clean,
      rows: 1_000,
      mistakes: {
        58: ['capacity'],
        211: ['facilityType'],
        340: ['facilityName'],
        507: ['capacity'],
        689: ['latitude'],
        842: ['boundaryCode'],
        930: ['duplicate'],
      },
    });
    expect(await mistakesIn('users.csv', 'userCreation')).toEqual({
      ...clean,
      rows: 2_000,
      mistakes: {
        101: ['mobileNumber'],
        377: ['role'],
        640: ['name'],
        1004: ['employmentType'],
        1333: ['role'],
        1500: ['duplicate'],
        1777: ['mobileNumber'],
      },
    });
  });

  it('WHEN its boundaries are read THEN parents stand before their children and every code named anywhere is one', async () => {
    const codes = new Set<string>();
    for (const [code = '', , , parentCode = ''] of (await kept('boundaries.csv')).rows) {
      expect(parentCode === '' || codes.has(parentCode)).toBe(true);
      codes.add(code);
    }
    expect(codes.size).toBe(40);
    for (const fileName of ['campaign.csv', 'facilities.xlsx', 'users.csv', 'facilities-moved.csv']) {
      const { headers, rows } = await kept(fileName);
      const column = headers.indexOf('boundaryCode');
      const named = rows.flatMap((cells) => (cells[column] ?? '').split(/[,;]/)).map((code) => code.trim());
      expect(named.filter((code) => code !== '' && !codes.has(code))).toEqual([]);
    }
  });

  it('WHEN the later sheet is read THEN 45 facilities have other boundaries and 15 are Inactive', async () => {
    const before = new Map((await kept('facilities.xlsx')).rows.map((cells) => [cells[0], cells]));
    const { rows } = await kept('facilities-moved.csv');
    const inactive = rows.filter((cells) => cells[5] === 'Inactive');
    const moved = rows.filter((cells) => cells[4] !== before.get(cells[0])?.[4]);
    expect({ known: rows.every(([name]) => before.has(name)), inactive: inactive.length, moved: moved.length }).toEqual(
      {
        known: true,
        inactive: 15,
        moved: 45,
      },
    );
  });
});
