import { RecordBatch } from './record-batch.ts';
import { checkedHeaders, columnLetter, RecordShape, recordProblem } from './record-shape.ts';
import type { OpenSheet, RecordProblem, SheetLimits, SheetRecord, SheetSource } from './sheet.ts';
import { SheetError } from './sheet-error.ts';
import { readSharedStrings } from './xlsx/shared-strings.ts';
import { readCellFormats } from './xlsx/styles.ts';
import { chooseWorksheet, readWorkbook, type Workbook, type Worksheet } from './xlsx/workbook.ts';
import { type WorksheetRow, WorksheetRows } from './xlsx/worksheet-rows.ts';
import { spreadsheetNamespaces, XmlPartParser } from './xlsx/xml-part.ts';
import { ZipArchive } from './xlsx/zip-archive.ts';

/** Opens a sheet of an XLSX workbook by ranges of the file, without a copy of it. @throws SheetError if that can't be. */
export async function openXlsx(source: SheetSource, limits: SheetLimits, sheetName?: string): Promise<OpenSheet> {
  const archive = await ZipArchive.open(source, limits);
  try {
    const workbook = await readWorkbook(archive);
    const worksheet = chooseWorksheet(workbook.worksheets, sheetName);
    const rows = readRows(archive, workbook, worksheet, limits);
    const header = await rows.next();
    if (header.done) throw new SheetError('empty_sheet', `The sheet "${worksheet.name}" is empty.`);
    const headers = checkedHeaders(header.value.cells, limits, header.value.rowNumber);
    return {
      format: 'xlsx',
      sheetName: worksheet.name,
      sheetNames: workbook.worksheets.map(({ name }) => name),
      headers,
      batches: readBatches(rows, headers, limits),
      close: async () => {
        await rows.return(undefined);
        archive.close();
      },
    };
  } catch (error) {
    archive.close();
    throw error;
  }
}

async function* readRows(
  archive: ZipArchive,
  workbook: Workbook,
  worksheet: Worksheet,
  limits: SheetLimits,
): AsyncGenerator<WorksheetRow, undefined> {
  const rows = new WorksheetRows({
    strings: await readSharedStrings(archive, workbook.sharedStringsPart, limits),
    formats: await readCellFormats(archive, workbook.stylesPart),
    date1904: workbook.date1904,
  });
  const parser = new XmlPartParser(worksheet.part, spreadsheetNamespaces, rows);
  for await (const chunk of archive.read(worksheet.part)) {
    parser.add(chunk);
    yield* rows.take();
    if (rows.ended) return;
  }
  parser.end();
}

async function* readBatches(
  rows: AsyncGenerator<WorksheetRow, undefined>,
  headers: string[],
  limits: SheetLimits,
): AsyncGenerator<SheetRecord[]> {
  const shape = new RecordShape(headers, limits);
  const batch = new RecordBatch(limits);
  for await (const { rowNumber, cells, uncalculated } of rows) {
    // Empty cells at the end of a row are simply not stored.
    while (cells.length < headers.length) cells.push('');
    const problem = shape.check(cells, rowNumber) ?? notCalculated(uncalculated, rowNumber, headers);
    batch.add(problem === undefined ? { rowNumber, cells } : { rowNumber, cells, problem });
    if (batch.isFull) yield batch.take();
  }
  if (!batch.isEmpty) yield batch.take();
}

function notCalculated(column: number | undefined, rowNumber: number, headers: string[]): RecordProblem | undefined {
  if (column === undefined) return undefined;
  const letter = columnLetter(column);
  return recordProblem(
    'formula_not_calculated',
    `Cell ${letter}${rowNumber} holds a formula without a stored result. Open the workbook in a spreadsheet program and save it, or put the value in place of the formula.`,
    { column: headers[column]?.trim() || letter },
  );
}
