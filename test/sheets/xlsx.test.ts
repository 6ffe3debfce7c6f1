import ExcelJS from 'exceljs';
import { describe, expect, test } from 'vitest';
import { openSheet } from '../../lambdas/sheets/open-sheet.ts';
import type { SheetLimits } from '../../lambdas/sheets/sheet.ts';
import { memorySource, readAll, readCells, sheetErrorOf } from './sheets.ts';
import { strict, textRow, transitional, type WorkbookParts, workbook, workbookParts } from './workbook.ts';
import { zip } from './zip.ts';

/** The cells of the first row below a header that is wide enough. */
async function cellsOf(row: string, parts: WorkbookParts = {}): Promise<string[]> {
  const { records } = await readAll(workbook({ ...parts, data: textRow(1, 'a', 'b', 'c', 'd', 'e') + row }));
  return records[0]?.cells ?? [];
}

/** A number under a format, as it comes out. */
async function shown(value: string, format: string | number, workbookPr = ''): Promise<string | undefined> {
  const [cell] = await cellsOf(`<row r="2"><c r="A2" s="1"><v>${value}</v></c></row>`, {
    formats: [format],
    workbookPr,
  });
  return cell;
}

async function errorOf(parts: WorkbookParts, limits: Partial<SheetLimits> = {}, sheetName?: string) {
  return sheetErrorOf(readAll(workbook(parts), { limits, ...(sheetName ? { sheetName } : {}) }));
}

const rows = textRow(1, 'a', 'b') + textRow(2, '1', '2');

describe('cells', () => {
  test('each type as it is shown', async () => {
    const strings =
      '<si><t>plain</t></si><si><r><rPr><b/></rPr><t>rich </t></r><r><t xml:space="preserve">text </t></r></si>';
    const row = `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="b"><v>1</v></c>
      <c r="D2" t="e"><v>#N/A</v></c><c r="E2" t="str"><f>A2&amp;B2</f><v>x &lt; y</v></c></row>`;
    expect(await cellsOf(row, { strings })).toEqual(['plain', 'rich text ', 'TRUE', '#N/A', 'x < y']);
  });

  test('phonetic hints are not part of the text', async () => {
    const strings = '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>';
    expect((await cellsOf('<row r="2"><c t="s"><v>0</v></c></row>', { strings }))[0]).toBe('東京');
  });

  test('an inline string counts, a value beside it does not', async () => {
    const row = '<row r="2"><c t="inlineStr"><v>7</v><is><r><t>in</t></r><r><t>line</t></r></is></c></row>';
    expect((await cellsOf(row))[0]).toBe('inline');
  });

  test('escaped characters', async () => {
    expect((await cellsOf(textRow(2, 'a_x000D_\nb_x005F_x000D_c_xZZZZ_')))[0]).toBe('a\r\nb_x000D_c_xZZZZ_');
  });

  test('CDATA and character references', async () => {
    expect((await cellsOf(textRow(2, '<![CDATA[<a&b>]]>&#233;&#x20AC;')))[0]).toBe('<a&b>é€');
  });

  test.each([
    ['1.0', '1'],
    ['840000000', '840000000'],
    ['8.4123456E8', '841234560'],
    ['1E+15', '1000000000000000'],
    ['0.10000000000000001', '0.1'],
    ['-0', '0'],
    ['12345678901234567890', '12345678901234567890'],
    ['-14.5', '-14.5'],
    ['007', '7'],
  ])('the number %s is %s', async (stored, text) => {
    expect(await shown(stored, 0)).toBe(text);
  });

  test.each([
    ['841234567', '0000000000', '0841234567'],
    ['12345678901', '0000000000', '12345678901'],
    ['123456789', '000\\-00\\-0000', '123-45-6789'],
    ['7', '"MZ-"000', 'MZ-007'],
    ['7', '"FAC-"0000', 'FAC-0007'],
    ['7', 'FAC-0000', 'FAC-0007'],
    ['7', '\\F\\A\\C\\-0000;@', 'FAC-0007'],
    ['7', '[$FAC]0000', 'FAC0007'],
    ['7', '[$FAC-416]\\-0000', 'FAC-0007'],
    ['7', '[$-409]0000', '0007'],
    ['1234', '00:00', '12:34'],
    ['7', '"FAC-"0', '7'],
    ['7', 'FAC-0', '7'],
    ['7', '$0000', '7'],
    ['7', '0000%', '7'],
    ['7', '#,#00', '7'],
    ['7', '[$MZN] 0.00', '7'],
    ['1234567890', '(000) 000-0000', '(123) 456-7890'],
    ['5', '@', '5'],
    ['5', 49, '5'],
    ['1234.5', '#,##0.00', '1234.5'],
    ['12', '0', '12'],
    ['0.5', '0%', '0.5'],
    ['12.5', '000', '12.5'],
    ['-5', '000', '-5'],
    ['1500', '0.00E+00', '1500'],
    ['12', '[$MZN] #,##0', '12'],
    ['12', '0 "days"', '12'],
    ['12', '[Red]General', '12'],
  ])('%s under the format %s is %s', async (stored, format, text) => {
    expect(await shown(stored, format)).toBe(text);
  });
});

describe('dates', () => {
  test.each([
    ['45352', 14, '2024-03-01'],
    ['45352', 'dd/mm/yyyy', '2024-03-01'],
    ['45352', '[$-409]mmmm\\ d\\,\\ yyyy;@', '2024-03-01'],
    ['45352', 'mmm', '2024-03-01'],
    ['45352.75', 'd.m.yy', '2024-03-01'],
    ['45352.395833333336', 22, '2024-03-01T09:30:00'],
    ['45352.395833333336', '[$-F800]dddd, h:mm AM/PM', '2024-03-01T09:30:00'],
    ['45352.99999999', 'yyyy-mm-dd hh:mm:ss', '2024-03-02T00:00:00'],
    ['0.75', 'h:mm', '18:00:00'],
    ['0.75', 20, '18:00:00'],
    ['1.5', '[h]:mm', '36:00:00'],
    ['1', 14, '1900-01-01'],
    ['59', 14, '1900-02-28'],
    ['60', 14, '1900-02-29'],
    ['61', 14, '1900-03-01'],
    ['2958465', 14, '9999-12-31'],
    ['2958466', 14, '2958466'],
    ['-1', 14, '-1'],
    ['12', '0 "d"', '12'],
    ['12', '[Yellow]0', '12'],
    ['12', '0\\h', '12'],
  ])('%s under the format %s is %s', async (stored, format, text) => {
    expect(await shown(stored, format)).toBe(text);
  });

  test('workbooks that count from 1904', async () => {
    expect(await shown('0', 14, '<workbookPr date1904="1"/>')).toBe('1904-01-01');
    expect(await shown('43890', 14, '<workbookPr date1904="true"/>')).toBe('2024-03-01');
    expect(await shown('60', 14, '<workbookPr date1904="1"/>')).toBe('1904-03-01');
  });

  test('an element of another namespace does not change the epoch', async () => {
    const pr =
      '<workbookPr date1904="1"/><x15:workbookPr xmlns:x15="http://schemas.microsoft.com/office/2013" date1904="0"/>';
    expect(await shown('0', 14, pr)).toBe('1904-01-01');
  });

  test('dates stored as text of their own type', async () => {
    const row =
      '<row r="2"><c t="d"><v>2024-03-01T09:30:00.000Z</v></c><c t="d" s="1"><v>2024-03-01T00:00:00</v></c></row>';
    expect((await cellsOf(row, { formats: [14] })).slice(0, 2)).toEqual(['2024-03-01T09:30:00', '2024-03-01']);
  });
});

describe('rows', () => {
  test('sparse cells, gaps and missing references keep everything in its place', async () => {
    const data = `<row><c t="inlineStr"><is><t>a</t></is></c><c r="C1" t="inlineStr"><is><t>c</t></is></c><c t="inlineStr"><is><t>d</t></is></c></row>
      <row r="5"><c r="D5"><v>4</v></c></row><row><c><v>1</v></c><c r="C6"><v>3</v></c><c><v>4</v></c></row>
      <row r="9" spans="1:4"><c r="A9" s="1"/><c r="B9"><v></v></c></row><row r="1048576"/>`;
    const { headers, records } = await readAll(workbook({ data }));
    expect(headers).toEqual(['a', '', 'c', 'd']);
    expect(records).toEqual([
      { rowNumber: 5, cells: ['', '', '', '4'] },
      { rowNumber: 6, cells: ['1', '', '3', '4'] },
    ]);
  });

  test('the header is the first row with something in it', async () => {
    const { headers, records } = await readAll(workbook({ data: textRow(4, 'a') + textRow(7, 'x') }));
    expect(headers).toEqual(['a']);
    expect(records).toEqual([{ rowNumber: 7, cells: ['x'] }]);
  });

  test('a value beyond the header is a problem, a value under no name an error', async () => {
    const { records } = await readAll(
      workbook({ data: textRow(1, 'a') + textRow(2, '1', '', 'x') + textRow(3, '1', '') }),
    );
    expect(records).toMatchObject([
      { problem: { code: 'too_many_cells', column: 'C', value: 'x' } },
      { rowNumber: 3, cells: ['1'] },
    ]);
    const error = await errorOf({ data: textRow(1, 'a', '', 'c') + textRow(2, '1', 'x', '2') });
    expect(error).toMatchObject({ code: 'empty_header', rowNumber: 2 });
  });

  test('a formula without a stored value is a problem of its row; one with an empty value is not', async () => {
    const data = `${textRow(1, 'a', 'b')}<row r="2"><c><v>1</v></c><c><f>A2*2</f></c></row>
      <row r="3"><c><v>1</v></c><c t="str"><f>""</f><v></v></c></row><row r="4"><c><f>1+1</f><v>2</v></c></row>
      <row r="5"><c><v>1</v></c><c><f>1+1</f><v></v></c></row>`;
    const { records } = await readAll(workbook({ data }));
    expect(records).toMatchObject([
      { rowNumber: 2, problem: { code: 'formula_not_calculated', column: 'b' } },
      { rowNumber: 3, cells: ['1', ''] },
      { rowNumber: 4, cells: ['2', ''] },
      { rowNumber: 5, problem: { code: 'formula_not_calculated', column: 'b' } },
    ]);
    expect(records[0]?.problem?.message).toContain('B2');
    expect(records[1]).not.toHaveProperty('problem');
  });

  test('duplicates in the header are named with their columns', async () => {
    const error = await errorOf({ data: textRow(1, 'a', 'b', 'a') + textRow(2, '1') });
    expect(error).toMatchObject({ code: 'duplicate_header', rowNumber: 1 });
    expect(error.message).toContain('"a" (A, C)');
  });

  test('limits on columns, rows and cells', async () => {
    expect(await errorOf({ data: rows }, { columns: 1 })).toMatchObject({ code: 'too_many_columns' });
    expect(await errorOf({ data: rows + textRow(3, '1') }, { rows: 1 })).toMatchObject({
      code: 'too_many_rows',
      rowNumber: 3,
    });
    const { records } = await readAll(workbook({ data: textRow(1, 'a') + textRow(2, 'x'.repeat(40_000)) }));
    expect(records[0]?.problem).toMatchObject({ code: 'cell_too_large', column: 'a' });
  });
});

describe('sheets', () => {
  const sheets = [
    { name: 'Lists', state: 'hidden', data: textRow(1, 'x') + textRow(2, 'hidden') },
    { name: 'Deep', state: 'veryHidden', data: textRow(1, 'x') + textRow(2, 'deep') },
    { name: 'Facilities', data: textRow(1, 'x') + textRow(2, 'visible') },
    { name: 'More &amp; more', data: textRow(1, 'x') + textRow(2, 'more') },
  ];

  test('the first that is visible, or the one that is named', async () => {
    const first = await readAll(workbook({ sheets }));
    expect(first).toMatchObject({
      sheetName: 'Facilities',
      sheetNames: ['Lists', 'Deep', 'Facilities', 'More & more'],
    });
    expect(first.records[0]?.cells).toEqual(['visible']);
    const named = await readAll(workbook({ sheets }), { sheetName: 'More & more' });
    expect(named.records[0]?.cells).toEqual(['more']);
    const hidden = await readAll(workbook({ sheets }), { sheetName: 'Lists' });
    expect(hidden.records[0]?.cells).toEqual(['hidden']);
  });

  test('an unknown name is answered with the names there are', async () => {
    const error = await errorOf({ sheets }, {}, 'Facilitys');
    expect(error.code).toBe('unknown_sheet');
    expect(error.message).toContain('"Lists", "Deep", "Facilities", "More & more"');
  });

  test('no visible sheet, an empty one, one without rows', async () => {
    expect(await errorOf({ sheets: sheets.slice(0, 2) })).toMatchObject({ code: 'unknown_sheet' });
    expect(await errorOf({ data: '<row r="3"><c r="A3" s="1"/></row>' })).toMatchObject({ code: 'empty_sheet' });
    expect(await errorOf({ data: textRow(1, 'a') })).toMatchObject({ code: 'no_rows' });
  });
});

describe('namespaces', () => {
  test('strict files', async () => {
    expect(await readCells(workbook({ data: rows, namespace: strict }))).toEqual([['1', '2']]);
  });

  test('prefixes', async () => {
    const prefixed = rows.replaceAll(/<(\/?)(\w+)/g, '<$1s:$2');
    const data = `<?xml version="1.0"?><s:worksheet xmlns:s="${transitional}"><s:sheetData>${prefixed}</s:sheetData></s:worksheet>`;
    expect(await readCells(workbook({ data }))).toEqual([['1', '2']]);
  });

  test('foreign elements with the names of ours are passed over with all that is in them', async () => {
    const trap =
      '<x:row xmlns:x="urn:x" r="2"><c r="A2"><v>99</v></c></x:row><row xmlns="urn:y" r="2"><c r="A2"><v>98</v></c></row>';
    const cellTrap = `<row r="3"><c r="A3"><x:v xmlns:x="urn:x">9</x:v><v>3</v></c></row>`;
    expect(await readCells(workbook({ data: textRow(1, 'a') + trap + cellTrap }))).toEqual([['3']]);
  });
});

describe('hostile and damaged files', () => {
  const entities = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
  test.each([
    [
      'a document type',
      { data: `${entities}<worksheet xmlns="${transitional}"><sheetData>${rows}</sheetData></worksheet>` },
    ],
    ['an unknown entity', { data: rows + textRow(3, '&secret;') }],
    ['XML that is not closed', { data: `<?xml version="1.0"?><worksheet xmlns="${transitional}"><sheetData>${rows}` }],
    ['deep nesting', { data: `${rows}<row r="3">${'<c>'.repeat(200)}${'</c>'.repeat(200)}</row>` }],
    ['an endless text', { data: rows + textRow(3, 'ab'.repeat(3_000_000)) }],
    ['an endless tag', { data: `${rows}<row r="3" ${'x'.repeat(5_000_000)}="1"/>` }],
    ['a row that cannot be', { data: `${rows}<row r="1048577"/>` }],
    ['a cell that cannot be', { data: `${rows}<row r="3"><c r="XFE3"><v>1</v></c></row>` }],
    ['a reference that is none', { data: `${rows}<row r="3"><c r="3A"><v>1</v></c></row>` }],
    [
      'a text that is not there',
      { data: `${rows}<row r="3"><c t="s"><v>7</v></c></row>`, strings: '<si><t>x</t></si>' },
    ],
  ])('%s', async (_, parts) => {
    expect(await errorOf(parts)).toMatchObject({ code: 'broken_xlsx' });
  });

  test('a row that would blow up by its shared strings', async () => {
    const strings = `<si><t>${'x'.repeat(500_000)}</t></si>`;
    const data = `${rows}<row r="3">${'<c t="s"><v>0</v></c>'.repeat(16_000)}</row>`;
    expect(await errorOf({ data, strings })).toMatchObject({ code: 'record_too_large', rowNumber: 3 });
  });

  test('sizes are judged by the directory, before anything is unpacked', async () => {
    const bomb = { name: 'xl/media/image1.png', content: Buffer.alloc(64 * 1024 * 1024) };
    expect(await errorOf({ data: rows, extra: [bomb] })).toMatchObject({ code: 'implausible_compression' });
    expect(await errorOf({ data: rows }, { uncompressedBytes: 1_000 })).toMatchObject({
      code: 'too_large_uncompressed',
    });
    expect(await errorOf({ data: rows }, { entries: 3 })).toMatchObject({ code: 'too_many_entries' });
    const strings = `<si><t>${'x'.repeat(5_000)}</t></si>`;
    expect(await errorOf({ data: rows, strings }, { sharedStringsBytes: 4_000 })).toMatchObject({
      code: 'too_large_uncompressed',
    });
  });

  test('a part that unpacks to more than the directory says', async () => {
    const parts = workbookParts({ data: rows + textRow(3, 'x').repeat(50_000) });
    for (const part of parts) if (part.name.endsWith('sheet1.xml')) part.claimedSize = 1_000;
    expect(await sheetErrorOf(readAll(zip(parts)))).toMatchObject({ code: 'broken_xlsx' });
  });

  test('protected, double and straying parts', async () => {
    const encrypted = { name: 'xl/x.xml', content: 'x', encrypted: true };
    expect(await errorOf({ data: rows, extra: [encrypted] })).toMatchObject({ code: 'encrypted_sheet' });
    const double = { name: 'XL/Workbook.xml', content: 'x' };
    expect(await errorOf({ data: rows, extra: [double] })).toMatchObject({ code: 'broken_xlsx' });
    const straying = { name: '../../etc/passwd', content: 'x' };
    expect(await errorOf({ data: rows, extra: [straying] })).toMatchObject({ code: 'broken_xlsx' });
  });

  test('any byte of a workbook may be wrong: a sheet or a SheetError comes out, nothing else', async () => {
    const good = workbook({ data: rows, strings: '<si><t>x</t></si>', formats: [14] });
    for (let at = 0; at < good.length; at += 3) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ 0x55;
      const outcome = await readAll(bad).catch((error: unknown) => error);
      expect(outcome).toSatisfy((value) => (value as Error).name === 'SheetError' || 'records' in (value as object));
    }
  });
});

describe('the source', () => {
  test('is read by ranges, each stream of which is let go when the reader stops early', async () => {
    const inner = memorySource(workbook({ data: textRow(1, 'a') + incompressibleRows(40_000) }));
    const ranges: { start: number; end: number }[] = [];
    let open = 0;
    const sheet = await openSheet({
      size: inner.size,
      open: async (range) => {
        if (range === undefined) throw new Error('the whole file was asked for');
        ranges.push(range);
        const stream = await inner.open(range);
        open += 1;
        return stream.on('close', () => {
          open -= 1;
        });
      },
    });
    for await (const batch of sheet.batches) if (batch.length > 0) break;
    await sheet.close();
    expect(inner.size).toBeGreaterThan(512 * 1024);
    expect(ranges.length).toBeLessThan(12);
    await expect.poll(() => open).toBe(0);
  });

  test('has its errors passed on as they are', async () => {
    const inner = memorySource(workbook({ data: textRow(1, 'a') + incompressibleRows(40_000) }));
    const failure = new Error('connection lost');
    let requests = 0;
    const source = {
      size: inner.size,
      open: async (range?: { start: number; end: number }) => {
        requests += 1;
        if (requests > 3) throw failure;
        return inner.open(range);
      },
    };
    await expect(readAll(source)).rejects.toBe(failure);
  });

  function incompressibleRows(count: number): string {
    const word = (seed: number) =>
      (Math.imul(seed, 2_654_435_761) >>> 0).toString(36) + (Math.imul(seed, 40_503) >>> 0).toString(36);
    return Array.from({ length: count }, (_, index) => textRow(index + 2, word(index) + word(index * 7 + 3))).join('');
  }
});

test('a workbook written by another library', async () => {
  const book = new ExcelJS.Workbook();
  book.addWorksheet('Readme', { state: 'hidden' }).addRow(['hidden']);
  const sheet = book.addWorksheet('Data');
  sheet.addRow(['name', 'when', 'code', 'sum', 'link', 'merged']);
  const row = sheet.addRow([
    { richText: [{ text: 'Rich', font: { bold: true } }, { text: ' text' }] },
    new Date(Date.UTC(2024, 2, 1, 9, 30)),
    42,
    { formula: '1+2', result: 3 },
    { text: 'site', hyperlink: 'https://example.org' },
    'm',
  ]);
  row.getCell(2).numFmt = 'yyyy-mm-dd hh:mm';
  row.getCell(3).numFmt = '00000';
  sheet.mergeCells('F2:F3');
  sheet.addRow(['second']);
  const { sheetName, records } = await readAll(Buffer.from(await book.xlsx.writeBuffer()));
  expect(sheetName).toBe('Data');
  expect(records[0]).toEqual({ rowNumber: 2, cells: ['Rich text', '2024-03-01T09:30:00', '00042', '3', 'site', 'm'] });
});
