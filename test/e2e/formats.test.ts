import ExcelJS from 'exceljs';
import { describe, expect, it } from 'vitest';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facilities, facility, facilityHeaders, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile, delimited, jsonFile, ndjsonFile, records, tsvFile, xlsxFile } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const client = new RollcallClient(stack);
const processName = 'facilityCreation';

describe('GIVEN a good sheet', () => {
  const rows = [...facilities(20), facility('Posto de Saúde, "Namapa"', { boundaryCode: 'B-01, B-02' })];
  const sheet = facilitySheet(rows);

  it.each([
    { format: 'csv', file: () => csvFile(sheet) },
    { format: 'tsv', file: () => tsvFile(sheet) },
    { format: 'json', file: () => jsonFile(sheet) },
    { format: 'ndjson', file: () => ndjsonFile(sheet) },
    { format: 'xlsx', file: () => xlsxFile(sheet) },
  ])('WHEN it comes as $format THEN every row becomes an entity and the report is of that format', async (given) => {
    const referenceId = newReference();
    const actionId = await client.submit({ referenceId, processName }, await given.file());
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({
      status: 'completed',
      counts: { rows: 21, created: 21 },
      sheet: { format: given.format },
    });
    const entities = await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
    if (stack.resources) {
      const namapa = entities.find(({ uniqueIdentifier }) => uniqueIdentifier.includes('Namapa'));
      expect(namapa?.data).toMatchObject({ capacity: 1200, boundaryCode: ['B-01', 'B-02'] });
    }
  });

  it('WHEN it comes as records THEN every record becomes an entity', async () => {
    const referenceId = newReference();
    const actionId = await client.submitRecords({ referenceId, processName }, records(sheet));
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({ status: 'completed', counts: { rows: 21, created: 21 } });
    await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
  });

  it('WHEN its name says another format THEN its content decides', async () => {
    const { content } = await xlsxFile(sheet);
    const actionId = await client.submit({ referenceId: newReference(), processName }, { fileName: 'a.csv', content });
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({ status: 'completed', sheet: { format: 'xlsx' } });
  });
});

describe('GIVEN a sheet as the programs of this world write it', () => {
  const sheet = facilitySheet([
    facility('Região Sul'),
    facility('Two\nlines'),
    facility('A "quoted" one, with a comma; and more'),
  ]);
  const text = delimited(sheet);

  it.each([
    { name: 'a byte order mark', content: Buffer.from(`\ufeff${text}`), found: { encoding: 'utf-8' } },
    { name: 'UTF-16', content: Buffer.from(`\ufeff${text}`, 'utf16le'), found: { encoding: 'utf-16le' } },
    { name: 'Windows-1252', content: Buffer.from(text, 'latin1'), found: { encoding: 'windows-1252' } },
    { name: 'semicolons', content: Buffer.from(delimited(sheet, ';')), found: { delimiter: ';' } },
    { name: 'bars', content: Buffer.from(delimited(sheet, '|')), found: { delimiter: '|' } },
  ])('WHEN it has $name THEN every cell is read as it is', async ({ content, found }) => {
    const file = { fileName: 'sheet.csv', content };
    const actionId = await client.submit({ referenceId: newReference(), processName }, file);
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({ status: 'completed', counts: { created: 3 }, sheet: found });
  });

  it.each([
    { format: 'csv', file: csvFile },
    { format: 'ndjson', file: ndjsonFile },
    { format: 'xlsx', file: xlsxFile },
  ])('WHEN cells of a $format have all that may end a line THEN they are kept as they are', async ({ file }) => {
    const separators = ['\n', '\u2028', '\u2029'];
    const broken = facilitySheet(separators.map((separator, index) => facility(`North${separator}${index}`)));
    const actionId = await client.submit({ referenceId: newReference(), processName }, await file(broken));
    const { action } = await expectConserved(client, actionId, broken);
    expect(action).toMatchObject({ status: 'completed', counts: { created: separators.length } });
  });

  it.each([
    { format: 'csv', file: csvFile },
    { format: 'ndjson', file: ndjsonFile },
    { format: 'xlsx', file: xlsxFile },
  ])(
    'WHEN cells of a $format have characters that take two UTF-16 units THEN they are kept as they are',
    async ({ file }) => {
      const names = ['Farmácia \u{1F600}', '\u{20000}\u{2A6D6}', '\u{1D400}\u{1D401}', '\u{10FFFD}', 'Ñandú'];
      const sheet = facilitySheet(names.map((name) => facility(name)));
      const { content } = await file(sheet);
      const submitted = { fileName: 'Região \u{1F3E5}.csv', content };
      const actionId = await client.submit({ referenceId: newReference(), processName }, submitted);
      const { action } = await expectConserved(client, actionId, sheet);
      expect(action).toMatchObject({ status: 'completed', counts: { created: names.length } });
    },
  );

  it('WHEN its headers are written another way THEN they still match, and the report keeps them as they were', async () => {
    const spelled = [
      'Facility Name (Mandatory)',
      'facility_type',
      'FACILITY STATUS',
      ' Capacity ',
      'BoundaryCode',
      'USAGE',
    ];
    const spelledSheet = { headers: spelled, rows: facilitySheet(facilities(2)).rows };
    const actionId = await client.submit({ referenceId: newReference(), processName }, csvFile(spelledSheet));
    const { action, report } = await expectConserved(client, actionId);
    expect(action).toMatchObject({ status: 'completed', counts: { created: 2 }, warnings: [] });
    expect(report.full?.headers.map((header) => header.trim())).toEqual([
      ...spelled.map((header) => header.trim()),
      '#status#',
      '#errorDetails#',
      '#entityId#',
    ]);
  });

  it('WHEN it holds what a spreadsheet would run as a formula THEN the report in CSV does not', async () => {
    const names = ['=1+1', '+SUM(A1)', '@cmd', '-2+3', "'=kept"];
    const dangerous = facilitySheet(names.map((name) => facility(name)));
    const actionId = await client.submit({ referenceId: newReference(), processName }, csvFile(dangerous));
    const { action, report } = await expectConserved(client, actionId, dangerous, (cell) =>
      /^[=+\-@]/.test(cell) ? `'${cell}` : cell,
    );
    expect(action).toMatchObject({ counts: { created: names.length } });
    expect(report.full?.rows.flat().filter((cell) => /^[=+\-@]/.test(cell))).toEqual([]);
  });

  it('WHEN rows are shorter or longer than the header THEN they are numbered errors and lose nothing', async () => {
    const ragged = [
      facilityHeaders.join(),
      'Short,Warehouse',
      'Good,Warehouse,Permanent,5,B-01,Active',
      'Long,Warehouse,Permanent,5,B-01,Active,surplus',
    ];
    const file = { fileName: 'ragged.csv', content: Buffer.from(ragged.join('\n')) };
    const actionId = await client.submit({ referenceId: newReference(), processName, onInvalidRow: 'skip' }, file);
    const { action, rows, report } = await expectConserved(client, actionId);
    expect(action).toMatchObject({ counts: { rows: 3, created: 1, invalid: 2 } });
    expect(rows.map(({ rowNumber, errors }) => [rowNumber, errors?.[0]?.code])).toEqual([
      [2, 'too_few_cells'],
      [3, undefined],
      [4, 'too_many_cells'],
    ]);
    expect(report.full?.rows[2]?.join()).toContain('surplus');
  });
});

describe('GIVEN values that are no text', () => {
  const { facilityName: _, ...nameless } = facility('');
  const rows = [
    { ...facility('Three'), capacity: 3, boundaryCode: ['B-01', 'B-02'], open: true, code: 12, closed: null },
    { ...facility('Bad'), capacity: 1.5, extra: { nested: [1, { deep: '\u2028' }] } },
    nameless,
    { ...facility('Four'), capacity: '4' },
  ];
  const texts = rows.map((row) => JSON.stringify(row).replace('"code":12', '"code":1234567890123456789.10'));
  const request = { processName, onInvalidRow: 'skip' } as const;

  it.each([
    { format: 'json', content: `[\n  ${texts.join(',\n  ')}\n]` },
    { format: 'ndjson', content: texts.join('\n') },
  ])('WHEN they come as $format THEN the report has them as they were, also when it comes again', async (given) => {
    const referenceId = newReference();
    const file = { fileName: 'rows', content: Buffer.from(given.content) };
    const first = await client.submit({ ...request, referenceId }, file);
    const { action, report } = await expectConserved(client, first);
    expect(action.counts).toMatchObject({ rows: 4, created: 2, invalid: 2 });
    expect(report.records?.map(input)).toEqual(texts.map((text) => JSON.parse(text)));
    expect(String(report.file)).toContain('"code":1234567890123456789.10,');

    const again = await client.submit(
      { ...request, referenceId },
      { fileName: 'again', content: report.file as Buffer },
    );
    const { action: second, report: other } = await expectConserved(client, again);
    expect(second.counts).toMatchObject({ rows: 4, known: 2, invalid: 2 });
    expect(other.records?.map(input)).toEqual(report.records?.map(input));
    expect(String(other.file)).toContain('"code":1234567890123456789.10,');
    expect(String(other.file).match(/#status#/g)).toHaveLength(4);
  });

  /** A report's record without what the report says of it. */
  function input(record: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(record).filter(([key]) => !/^#.*#$/.test(key)));
  }
});

describe('GIVEN a workbook', () => {
  async function workbookOf(fill: (workbook: ExcelJS.Workbook) => void) {
    const workbook = new ExcelJS.Workbook();
    fill(workbook);
    return { fileName: 'workbook.xlsx', content: Buffer.from(await workbook.xlsx.writeBuffer()) };
  }

  it('WHEN a sheet of it is named THEN that one is read, else the first visible one', async () => {
    const file = await workbookOf((workbook) => {
      workbook.addWorksheet('Hidden', { state: 'hidden' }).addRow(['not', 'this']);
      workbook
        .addWorksheet('First')
        .addRows([[...facilityHeaders], ...facilitySheet(facilities(1)).rows.map((row) => [...row])]);
      workbook
        .addWorksheet('Second')
        .addRows([[...facilityHeaders], ...facilitySheet(facilities(2, 10)).rows.map((row) => [...row])]);
    });
    const first = await client.submit({ referenceId: newReference(), processName }, file);
    const second = await client.submit({ referenceId: newReference(), processName, sheetName: 'Second' }, file);
    const missing = await client.submit({ referenceId: newReference(), processName, sheetName: 'Third' }, file);
    expect((await expectConserved(client, first)).action).toMatchObject({
      counts: { rows: 1 },
      sheet: { sheetName: 'First' },
    });
    expect((await expectConserved(client, second)).action).toMatchObject({
      counts: { rows: 2 },
      sheet: { sheetName: 'Second' },
    });
    expect((await expectConserved(client, missing)).action).toMatchObject({
      status: 'failed',
      problem: { code: 'unknown_sheet' },
    });
  });

  it('WHEN phone numbers are text THEN their zeros stay, and a mark of text goes', async () => {
    const referenceId = newReference();
    const file = await workbookOf((workbook) => {
      workbook.addWorksheet('Users').addRows([
        ['name', 'mobileNumber', 'role', 'employmentType', 'boundaryCode', 'usage'],
        ['Amina', '0841234567', 'DISTRIBUTOR, REGISTRAR', 'Temporary', 'B-01', 'Active'],
        ['Bento', "'0841234568", 'REGISTRAR', 'Permanent', 'B-02', 'Active'],
      ]);
    });
    const actionId = await client.submit({ referenceId, processName: 'userCreation' }, file);
    expect((await expectConserved(client, actionId)).action).toMatchObject({
      status: 'completed',
      counts: { created: 2 },
    });
    const users = await expectExactlyOnce(stack, client, { entity: 'user', referenceId });
    if (stack.resources) {
      expect(users.map(({ uniqueIdentifier }) => uniqueIdentifier).sort()).toEqual(['0841234567', '0841234568']);
    }
  });
});
