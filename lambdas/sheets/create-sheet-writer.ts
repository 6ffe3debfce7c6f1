import type { Writable } from 'node:stream';
import { createCsvWriter } from './csv-writer.ts';
import { createJsonWriter } from './json-writer.ts';
import type { SheetFormat } from './sheet.ts';
import type { SheetWriter } from './sheet-writer.ts';
import { createXlsxWriter } from './xlsx-writer.ts';

export interface SheetWriterOptions {
  format: SheetFormat;
  headers: string[];
  /** CSV: `,` unless given. */
  delimiter?: string;
  /** XLSX: `Sheet1` unless given. */
  sheetName?: string;
  /** Ended by the writer. Its errors come out of `write` and `end`. */
  output: Writable;
}

/** A writer of the format. The header is written even if no row follows. */
export function createSheetWriter(options: SheetWriterOptions): SheetWriter {
  const { headers, output } = options;
  switch (options.format) {
    case 'csv':
      return createCsvWriter(headers, options.delimiter ?? ',', output);
    case 'tsv':
      return createCsvWriter(headers, '\t', output);
    case 'xlsx':
      return createXlsxWriter(headers, options.sheetName ?? 'Sheet1', output);
    default:
      return createJsonWriter(options.format, headers, output);
  }
}
