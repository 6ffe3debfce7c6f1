import ExcelJS from 'exceljs';
import type { SheetFile } from './client.ts';

/** A sheet as people see it: all cells are text. */
export interface Sheet {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Delimited text; cells are quoted where they need to be. */
export function delimited({ headers, rows }: Sheet, delimiter: ',' | ';' | '\t' | '|' = ','): string {
  const cell = (text: string) =>
    /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
  return [headers, ...rows].map((row) => `${row.map(cell).join(delimiter)}\n`).join('');
}

export function csvFile(sheet: Sheet, fileName = 'sheet.csv'): SheetFile {
  return { fileName, content: Buffer.from(delimited(sheet)) };
}

export function tsvFile(sheet: Sheet): SheetFile {
  return { fileName: 'sheet.tsv', content: Buffer.from(delimited(sheet, '\t')) };
}

export function jsonFile(sheet: Sheet): SheetFile {
  return { fileName: 'sheet.json', content: Buffer.from(JSON.stringify(records(sheet))) };
}

export function ndjsonFile(sheet: Sheet): SheetFile {
  const lines = records(sheet).map((record) => `${JSON.stringify(record)}\n`);
  return { fileName: 'sheet.ndjson', content: Buffer.from(lines.join('')) };
}

export async function xlsxFile({ headers, rows }: Sheet, sheetName = 'Facilities'): Promise<SheetFile> {
  const workbook = new ExcelJS.Workbook();
  const worksheet = workbook.addWorksheet(sheetName);
  worksheet.addRow([...headers]);
  for (const row of rows) worksheet.addRow([...row]);
  return { fileName: 'sheet.xlsx', content: Buffer.from(await workbook.xlsx.writeBuffer()) };
}

/** The rows as objects. */
export function records({ headers, rows }: Sheet): Record<string, string>[] {
  return rows.map((row) => Object.fromEntries(headers.map((header, index) => [header, row[index] ?? ''])));
}
