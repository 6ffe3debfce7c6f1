import type { DataValidation, Worksheet } from 'exceljs';
import type { ProcessDefinition } from '../model/process.ts';
import { describeProcess, type ProcessView } from './describe.ts';
import { requiredMark } from './headers.ts';

export const templateFormats = ['xlsx', 'csv'] as const;
export type TemplateFormat = (typeof templateFormats)[number];

/** Rows that the template offers drop-downs for; rows below them are read all the same. */
const preparedRows = 10_000;
const columnWidth = { least: 16, most: 40 };
const headerFill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFE8EEF4' } } as const;

/** An empty sheet of the process, to be filled in and uploaded as it is. */
export function writeTemplate(process: ProcessDefinition, format: TemplateFormat): Promise<Buffer> {
  const view = describeProcess(process);
  return format === 'csv' ? Promise.resolve(csvTemplate(view)) : workbookTemplate(process, view);
}

/** The header alone. The byte order mark makes spreadsheets read UTF-8. */
function csvTemplate({ columns }: ProcessView): Buffer {
  return Buffer.from(`\ufeff${columns.map(header).join(',')}\r\n`);
}

/**
 * A workbook of three sheets: the first is filled in, and it alone is read; the second explains the columns; the
 * third, hidden, holds the choices of the drop-downs.
 */
async function workbookTemplate(process: ProcessDefinition, view: ProcessView): Promise<Buffer> {
  // Loaded here only: it is the largest library of all, and no other operation needs it.
  const { default: exceljs } = await import('exceljs');
  const workbook = new exceljs.Workbook();
  const sheet = workbook.addWorksheet(sheetTitle(view.title), { views: [{ state: 'frozen', ySplit: 1 }] });
  const explanation = workbook.addWorksheet('Columns', { views: [{ state: 'frozen', ySplit: 1 }] });
  const lists = workbook.addWorksheet('Lists', { state: 'hidden' });
  prepareColumns(sheet, process, view);
  offerChoices(sheet, lists, process);
  explainColumns(explanation, view);
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

function prepareColumns(sheet: Worksheet, process: ProcessDefinition, view: ProcessView): void {
  sheet.columns = view.columns.map((column) => {
    const width = Math.min(columnWidth.most, Math.max(columnWidth.least, header(column).length + 4));
    // Text format keeps leading zeros, and codes that look like numbers or dates as they are typed.
    const style = process.columns[column.name]?.textual ? { numFmt: '@' } : {};
    return { header: header(column), width, style };
  });
  styleHeader(sheet);
}

/** Puts each column's choices on the hidden sheet and a drop-down on the column's cells. */
function offerChoices(sheet: Worksheet, lists: Worksheet, process: ProcessDefinition): void {
  let listColumn = 0;
  for (const [index, { choices, list }] of Object.values(process.columns).entries()) {
    if (!choices) continue;
    listColumn += 1;
    lists.getColumn(listColumn).values = [...choices];
    const letter = lists.getColumn(listColumn).letter;
    const validation: DataValidation = {
      type: 'list',
      allowBlank: true,
      formulae: [`Lists!$${letter}$1:$${letter}$${choices.length}`],
      // Several values in one cell are typed by hand: there the drop-down only helps and must not refuse.
      showErrorMessage: !list,
      errorTitle: 'Not in the list',
      error: 'Choose one of the values in the list.',
    };
    addValidation(sheet, index + 1, validation);
  }
}

/** One validation for the whole column; set cell by cell, it would write out every cell. */
function addValidation(sheet: Worksheet, column: number, validation: DataValidation): void {
  const { letter } = sheet.getColumn(column);
  // exceljs has this collection but leaves it out of its types.
  const { dataValidations } = sheet as unknown as {
    dataValidations: { add(range: string, rule: DataValidation): void };
  };
  dataValidations.add(`${letter}2:${letter}${preparedRows + 1}`, validation);
}

function explainColumns(sheet: Worksheet, view: ProcessView): void {
  sheet.columns = [
    { header: 'Column', width: 20 },
    { header: 'Required', width: 10 },
    { header: 'What belongs here', width: 48 },
    { header: 'Expected', width: 60 },
    { header: 'Example', width: 32, style: { numFmt: '@' } },
  ];
  styleHeader(sheet);
  for (const { name, required, description, expected, example } of view.columns) {
    const row = sheet.addRow([name, needed(view, name, required), description, expected, example]);
    row.alignment = { wrapText: true, vertical: 'top' };
  }
  sheet.addRow([]);
  sheet.addRow([`Fill in the sheet "${sheetTitle(view.title)}". This one only explains it and is not read.`]);
}

/** Whether a row needs the column, as the explanation says it. */
function needed({ uniqueColumn, identifiedBy = [] }: ProcessView, name: string, required: boolean): string {
  if (identifiedBy.includes(name)) return `one of ${identifiedBy.join(', ')}`;
  if (!required) return 'no';
  return name === uniqueColumn ? 'yes, unique' : 'yes';
}

function styleHeader(sheet: Worksheet): void {
  const row = sheet.getRow(1);
  row.font = { bold: true };
  row.eachCell((cell) => {
    cell.fill = headerFill;
  });
}

function header({ name, required }: ProcessView['columns'][number]): string {
  return required ? `${name}${requiredMark}` : name;
}

/** Sheets' names have at most 31 characters, and none of `[]:*?/\`. */
function sheetTitle(title: string): string {
  return title.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31);
}
