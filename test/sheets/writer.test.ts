import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSheetWriter } from '../../lambdas/sheets/create-sheet-writer.ts';
import type { SheetFormat } from '../../lambdas/sheets/sheet.ts';
import type { SheetWriter } from '../../lambdas/sheets/sheet-writer.ts';
import { createXlsxWriter } from '../../lambdas/sheets/xlsx-writer.ts';
import { memorySource, readAll } from './sheets.ts';

interface Sheet {
  format: SheetFormat;
  headers: string[];
  rows: string[][];
  delimiter?: string;
  sheetName?: string;
}

async function written({ rows, ...options }: Sheet): Promise<Buffer> {
  const output = new PassThrough();
  const collected = output.toArray();
  const writer = createSheetWriter({ ...options, output });
  for (const row of rows) await writer.write(row);
  await writer.end();
  return Buffer.concat(await collected);
}

const formats: SheetFormat[] = ['csv', 'tsv', 'xlsx', 'json', 'ndjson'];

/** Writes without waiting until the writer asks to wait. */
function writeUntilFull(writer: SheetWriter): Promise<void> {
  for (let index = 0; ; index += 1) {
    const waiting = writer.write([`${index}`.repeat(100)]);
    if (waiting) return waiting;
  }
}

describe.each(formats)('%s', (format) => {
  test('whatever is written is read again', async () => {
    const nasty = fc.constantFrom(
      '"',
      '""',
      "'",
      "'=1",
      '=1+1',
      '-5',
      '+258841234567',
      '-x',
      '@a',
      '\t',
      '\r',
      '\n',
      '\r\n',
    );
    const odd = fc.constantFrom(
      ',',
      ';',
      '\ufeff',
      '_x000D_',
      '_x005F_',
      '\u0001',
      '\uffff',
      '0012',
      '1e5',
      ' x ',
      'é€😀',
    );
    const cell = fc.oneof(
      nasty,
      odd,
      fc.string({ unit: 'binary' }),
      fc.tuple(nasty, odd, nasty).map((parts) => parts.join('')),
    );
    // A row in which nothing is to be seen is no row.
    const row = fc.tuple(
      cell,
      cell,
      fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 99 }),
        async (rows, size) => {
          const headers = ['name', '=type', 'x "y", z'];
          const bytes = await written({ format, headers, rows });
          const sheet = await readAll(memorySource(bytes, size));
          expect(sheet.headers).toEqual(headers);
          expect(sheet.records.map(({ cells, problem }) => problem ?? cells)).toEqual(rows);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('asks to wait while the output is slow, and ends when all is taken', async () => {
    const taken: Buffer[] = [];
    let release: (() => void) | undefined;
    const output = new Writable({
      highWaterMark: 1024,
      write(chunk, _encoding, done) {
        taken.push(chunk);
        release = done;
      },
    });
    const writer = createSheetWriter({ format, headers: ['a'], output });
    const waiting = writeUntilFull(writer);
    const before = taken.length;
    const pump = setInterval(() => {
      const done = release;
      release = undefined;
      done?.();
    }, 1);
    await waiting;
    await writer.end();
    clearInterval(pump);
    expect(taken.length).toBeGreaterThan(before);
    expect(output.writableFinished).toBe(true);
  });

  test('an output that fails is told to whoever writes or ends', async () => {
    const failure = new Error('disk full');
    const output = new Writable({ write: (_chunk, _encoding, done) => done(failure) });
    const writer = createSheetWriter({ format, headers: ['a'], output });
    const writing = (async () => {
      for (;;) await writer.write(['x'.repeat(1000)]);
    })();
    await expect(writing).rejects.toBe(failure);
  });

  test('an output that is closed by its reader does not leave the writer waiting', async () => {
    const output = new PassThrough({ highWaterMark: 1024 });
    const writer = createSheetWriter({ format, headers: ['a'], output });
    const writing = (async () => {
      for (;;) await writer.write(['x'.repeat(1000)]);
    })();
    const rejected = expect(writing).rejects.toThrow(/closed|close/i);
    output.destroy();
    await once(output, 'close');
    await rejected;
  });
});

describe('delimited text', () => {
  test('is what Excel reads: UTF-8 with a mark, CR LF, quotes where needed', async () => {
    const rows = [
      ['é', 'a,b'],
      ['say "hi"', 'two\nlines'],
    ];
    expect((await written({ format: 'csv', headers: ['x', 'y'], rows })).toString()).toBe(
      '\ufeffx,y\r\né,"a,b"\r\n"say ""hi""","two\nlines"\r\n',
    );
  });

  test('with another delimiter', async () => {
    const bytes = await written({ format: 'csv', delimiter: ';', headers: ['x', 'y'], rows: [['a;b', 'c,d']] });
    expect(bytes.toString()).toBe('\ufeffx;y\r\n"a;b";c,d\r\n');
  });

  test.each(['^', ':', '~', "'", '=', '-', '§'])(
    'GIVEN the delimiter %s, which is not found out by itself, WHEN written and read THEN rows and their numbers are the same',
    async (delimiter) => {
      const rows = [
        ['a^b:c', "'=1"],
        ['-12.5', 'd~e§f'],
      ];
      const input = await readAll(`sep=${delimiter}\r\nx${delimiter}y\r\n1${delimiter}2\r\n3${delimiter}4\r\n`);
      const bytes = await written({ format: 'csv', delimiter, headers: ['x', 'y'], rows });
      const sheet = await readAll(bytes);
      expect(sheet).toMatchObject({ delimiter, headers: input.headers });
      expect(sheet.records.map(({ cells }) => cells)).toEqual(rows);
      expect(sheet.records.map(({ rowNumber }) => rowNumber)).toEqual(input.records.map(({ rowNumber }) => rowNumber));
    },
  );

  test('GIVEN a delimiter that is found out WHEN written THEN it is not declared', async () => {
    for (const delimiter of [',', ';', '\t', '|']) {
      const bytes = await written({ format: 'csv', delimiter, headers: ['x', 'y'], rows: [] });
      expect(bytes.toString()).toBe(`\ufeffx${delimiter}y\r\n`);
    }
  });

  test.each([
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['+1+1', "'+1+1"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ["'=1", "''=1"],
    ['-12.5', '-12.5'],
    ['+3', '+3'],
    ['-1.5e-7', '-1.5e-7'],
    ['+258841234567', '+258841234567'],
    ['-', "'-"],
    ["O'Neil", "O'Neil"],
    ["'quoted'", "'quoted'"],
  ])('no cell is run as a formula: %j', async (cell, text) => {
    const bytes = await written({ format: 'csv', headers: ['x'], rows: [[cell]] });
    expect(bytes.toString()).toBe(`\ufeffx\r\n${text}\r\n`);
  });
});

describe('JSON', () => {
  test('is an array of objects, also without any', async () => {
    const one = await written({
      format: 'json',
      headers: ['a', '__proto__'],
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
    });
    expect(one.toString()).toBe('[\n{"a":"1","__proto__":"2"},\n{"a":"3","__proto__":"4"}\n]\n');
    expect((await written({ format: 'json', headers: ['a'], rows: [] })).toString()).toBe('[\n]\n');
    expect((await written({ format: 'ndjson', headers: ['a'], rows: [['1'], ['2']] })).toString()).toBe(
      '{"a":"1"}\n{"a":"2"}\n',
    );
    expect((await written({ format: 'ndjson', headers: ['a'], rows: [] })).toString()).toBe('');
  });

  test.each([
    ['{"a": 1.50, "b":[ 1,2 ]}', '{"a": 1.50, "b":[ 1,2 ],"c":"3"}'],
    ['{ }', '{"c":"3"}'],
  ])('what the first cells were made from stands in their place: %s', async (element, line) => {
    const output = new PassThrough();
    const writer = createSheetWriter({ format: 'ndjson', headers: ['a', 'b', 'c'], output });
    await writer.write(['1.5', '1,2', '3'], { element, cells: 2 });
    await writer.end();
    expect(String(output.read())).toBe(`${line}\n`);
  });

  test('a cell without a header is refused, not lost', async () => {
    const writer = createSheetWriter({ format: 'json', headers: ['a'], output: new PassThrough() });
    expect(() => writer.write(['1', '2'])).toThrow(RangeError);
  });
});

describe('XLSX', () => {
  test('is text to another reader too: codes, formulas and numbers as they were given', async () => {
    const rows = [['007', '=1+1', '-12.5', 'two\nlines', '_x0041_']];
    const bytes = await written({
      format: 'xlsx',
      headers: ['a', 'b', 'c', 'd', 'e'],
      rows,
      sheetName: 'My [odd]/name',
    });
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(bytes as never);
    const sheet = book.worksheets[0];
    expect(sheet?.name).toBe('My  odd  name');
    expect([1, 2, 3, 4].map((column) => sheet?.getCell(2, column).value)).toEqual(rows[0]?.slice(0, 4));
  });

  test.each([
    ['History', 'History_'],
    ['hISTORY', 'hISTORY_'],
    ["'History' ", 'History_'],
    ['[History]', 'History_'],
    ['History 2', 'History 2'],
    ["O'Neil", "O'Neil"],
    ["'[]'", 'Sheet1'],
    [`${'x'.repeat(30)}😀`, 'x'.repeat(30)],
    [`${'x'.repeat(29)}😀y`, `${'x'.repeat(29)}😀`],
    [`${'x'.repeat(30)}'y`, 'x'.repeat(30)],
    ['half \ud83d', 'half \ufffd'],
  ])('GIVEN a sheet named %j WHEN written THEN it has the allowed name %j', async (sheetName, allowed) => {
    const bytes = await written({ format: 'xlsx', headers: ['a'], rows: [['1']], sheetName });
    expect(await readAll(bytes)).toMatchObject({ sheetName: allowed, records: [{ cells: ['1'] }] });
  });

  test('a cell longer than Excel can show is cut, and says so', async () => {
    const bytes = await written({ format: 'xlsx', headers: ['a'], rows: [['x'.repeat(40_000)]] });
    const cell = (await readAll(bytes)).records[0]?.cells[0];
    expect(cell).toHaveLength(32_767);
    expect(cell).toMatch(/x… \(cut\)$/);
  });

  test('goes on in a further sheet, under the same header, after the last row a sheet has', async () => {
    const output = new PassThrough();
    const collected = output.toArray();
    const writer = createXlsxWriter(['n'], 'Report', output, 11);
    for (let index = 0; index < 21; index += 1) await writer.write([String(index)]);
    await writer.end();
    const bytes = Buffer.concat(await collected);
    const { sheetNames } = await readAll(bytes);
    expect(sheetNames).toEqual(['Report', 'Report_2', 'Report_3']);
    const cells: string[][] = [];
    for (const sheetName of sheetNames ?? []) {
      const { headers, records } = await readAll(bytes, { sheetName });
      expect(headers).toEqual(['n']);
      cells.push(records.map((record) => record.cells[0] as string));
    }
    expect(cells.map(({ length }) => length)).toEqual([10, 10, 1]);
    expect(cells.flat()).toEqual(Array.from({ length: 21 }, (_, index) => String(index)));
  });
});
