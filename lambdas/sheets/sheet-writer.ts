import type { Writable } from 'node:stream';
import { createCsvWriter } from './csv-writer.ts';
import { createJsonWriter } from './json-writer.ts';
import type { SheetFormat } from './sheet.ts';
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

/** A JSON object, and how many cells at a row's beginning say the same as it does. */
export interface JsonOrigin {
  element: string;
  cells: number;
}

/** Writes a sheet row by row in flat memory. */
export interface SheetWriter {
  /**
   * Gives a promise only when the output has to be waited for. Rows must not be written before it is fulfilled.
   * @param origin JSON, NDJSON: what the first cells were made from, to be written in their place; other formats have no use for it
   */
  write(row: string[], origin?: JsonOrigin): Promise<void> | void;
  /** Fulfilled when the output has taken everything. */
  end(): Promise<void>;
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
