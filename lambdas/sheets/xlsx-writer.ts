import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { writeXlsxStream, XLSX_MAX_ROWS_PER_SHEET } from 'hucre/xlsx';
import { cutText } from '../model/cut-text.ts';
import type { SheetWriter } from './sheet-writer.ts';
import { drained } from './text-output.ts';

/** Excel shows no more characters than this in a cell, and repairs a file that has more. */
const longestCell = 32_767;
const cutMark = '… (cut)';
const rowsInFlight = 512;
/** What Excel allows in the name of a sheet. */
const longestName = 31;
const forbiddenInNames = /[[\]:*?/\\]/g;
/** Excel keeps this name, in any case, for the changes that it tracks. */
const reservedName = 'history';

/**
 * An XLSX workbook whose cells are all text, as they were given: no formula, no number that loses its leading zeros.
 * After 1,048,575 rows, or as many as `rowsPerSheet` leaves below the header, it goes on in a further sheet, under the same header.
 */
export function createXlsxWriter(
  headers: string[],
  sheetName: string,
  output: NodeJS.WritableStream,
  rowsPerSheet = XLSX_MAX_ROWS_PER_SHEET,
): SheetWriter {
  const rows = new PassThrough({ objectMode: true, highWaterMark: rowsInFlight });
  const workbook = writeXlsxStream(rows, {
    name: allowedSheetName(sheetName),
    columns: headers.map((header) => ({ header: cellText(header) })),
    freezePane: { rows: 1 },
    maxRowsPerSheet: rowsPerSheet,
  });
  const written = pipeline(Readable.fromWeb(workbook as ReadableStream<Uint8Array>), output);
  // A failure closes the stream of rows, and whoever writes then, or ends, gets the error from `written`.
  rows.on('error', () => {});
  written.catch((error: Error) => rows.destroy(error));
  return {
    write(row) {
      if (rows.destroyed) return written;
      if (!rows.write(row.map(cellText))) return drained(rows).catch(() => written);
    },
    async end() {
      rows.end();
      await written;
    },
  };
}

/** What XML or the format would take for something else is written as the format's `_xHHHH_`. */
function cellText(cell: string): string {
  const text = cell.length > longestCell ? cutText(cell, longestCell - cutMark.length) + cutMark : cell;
  return text
    .replace(/_(?=x[\dA-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[\ufffe\uffff]/g, (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase()}_`);
}

/** The name, or the nearest to it that Excel allows: the library throws for any other. */
function allowedSheetName(name: string): string {
  const allowed = trimmedName(cutText(trimmedName(name.replace(forbiddenInNames, ' ')).toWellFormed(), longestName));
  if (allowed === '') return 'Sheet1';
  return allowed.toLowerCase() === reservedName ? `${allowed}_` : allowed;
}

/** A name may neither begin nor end with an apostrophe. */
function trimmedName(name: string): string {
  return name.replace(/^['\s]+|['\s]+$/g, '');
}
