import ExcelJS from 'exceljs';
import { xlsxFile } from '../sheet-files.ts';

/** A sheet that has one thing wrong with it, and what it is read as. */
export interface WrongSheet {
  readonly content: Buffer;
  readonly processName?: string;
  readonly sheetName?: string;
  readonly columns?: Record<string, string | null>;
}

const good =
  'name,mobileNumber,role,employmentType,boundaryCode,usage\nAmina,0841234567,REGISTRAR,Permanent,B,Active\n';
const columns = 'abcdefghijklmnopqrstuvwxyz'.split('');
const text = (content: string): WrongSheet => ({ content: Buffer.from(content) });

/** By code: a sheet that can't be read, or not to its end, because of it. Users are read unless it says otherwise. */
export const wrongSheets: Readonly<Record<string, () => WrongSheet | Promise<WrongSheet>>> = {
  empty_sheet: () => text(' \n \n'),
  no_rows: () => text('name,mobileNumber\n'),
  unsupported_format: () => text('%PDF-1.7\n1 0 obj'),
  unsupported_encoding: () => ({ content: Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]) }),
  invalid_text: () => ({
    content: Buffer.concat([Buffer.from(good), Buffer.from('ééééé,'), Buffer.from([0xe9, 0x0a])]),
  }),
  duplicate_header: () => text('name,role,name\nA,B,C\n'),
  empty_header: () => text('name,,role\nA,B,C\n'),
  too_many_columns: () => text(`${Array.from({ length: 257 }, (_, index) => `c${index}`).join()}\n1\n`),
  header_too_large: () => text(`${columns.map((column) => column.repeat(3_000)).join()}\n1\n`),
  record_too_large: () => text(`name\n${'x'.repeat(1_100_000)}\n`),
  unclosed_quote: () => text(`${good}"Amina,0841234568,REGISTRAR,Permanent,B,Active\n`),
  broken_json: () => text('[{"name":"A"},{"name"]'),
  single_object: () => text('{\n"name": "A"\n}\n'),
  broken_xlsx: async () => {
    const { content } = await xlsxFile({ headers: ['name'], rows: [['A']] });
    return { content: content.subarray(0, content.length / 2) };
  },
  unknown_sheet: async () => {
    const { content } = await xlsxFile({ headers: ['name'], rows: [['A']] });
    return { content, sheetName: 'Nowhere' };
  },
  missing_columns: () => text('name\nA\n'),
  unknown_headers: () => ({ content: Buffer.from(good), columns: { Fon: 'mobileNumber' } }),
};

/** By code: a sheet one of whose rows is invalid because of it. */
export const wrongRows: Readonly<Record<string, () => WrongSheet | Promise<WrongSheet>>> = {
  too_few_cells: () => text(`${good}Amina,0841234568\n`),
  too_many_cells: () => text(`${good}Amina,0841234568,REGISTRAR,Permanent,B,Active,more\n`),
  cell_too_large: () => text(`${good}${'x'.repeat(33_000)},0841234568,REGISTRAR,Permanent,B,Active\n`),
  misplaced_quote: () =>
    text(`${good}"Amina,0841234568,REGISTRAR\nJoão "the,0841234569,REGISTRAR,Permanent,B,Active\n`),
  not_an_object: () => text(`[${json(good)},1]`),
  too_deep: () => text(`[${json(good)},{"name":${'['.repeat(40)}${']'.repeat(40)}}]`),
  duplicate_in_sheet: () => text(`${good}Amina,0841234567,REGISTRAR,Permanent,B,Active\n`),
  formula_not_calculated: async () => {
    const workbook = new ExcelJS.Workbook();
    const [headers = '', row = ''] = good.split('\n');
    const sheet = workbook.addWorksheet('Users');
    sheet.addRow(headers.split(','));
    sheet.addRow(row.split(','));
    sheet.getCell('A2').value = { formula: '1+1' } as ExcelJS.CellFormulaValue;
    return { content: Buffer.from(await workbook.xlsx.writeBuffer()) };
  },
};

function json(csv: string): string {
  const [headers = '', row = ''] = csv.split('\n');
  const cells = row.split(',');
  return JSON.stringify(Object.fromEntries(headers.split(',').map((header, index) => [header, cells[index]])));
}
