import type { Readable } from 'node:stream';

export { SheetError } from './sheet-error.ts';

/** What a sheet was found to be, by its content. */
export type SheetFormat = 'csv' | 'tsv' | 'xlsx' | 'json' | 'ndjson';

/** Random-access bytes: a local file or an S3 object. `start` is inclusive, `end` exclusive, in bytes. */
export interface SheetSource {
  /** Bytes in all. */
  readonly size: number;
  /** A fresh stream of the whole, or of the range. Its errors reach the reader of the sheet unchanged. */
  open(range?: { start: number; end: number }): Promise<Readable>;
}

/** What a sheet may cost before it is refused. Checked before reading wherever the file says its sizes itself. */
export interface SheetLimits {
  /** Columns of the header. */
  columns: number;
  /** Bytes of all headers together as UTF-8: they are kept with the action. */
  headerBytes: number;
  /** Bytes of one cell as UTF-8. */
  cellBytes: number;
  /** Rows below the header. */
  rows: number;
  /** Rows handed on at a time. More in flight would outlive the collection of young garbage, and cost memory for long. */
  batchRows: number;
  /** XLSX: sum of the uncompressed sizes of all parts. */
  uncompressedBytes: number;
  /** XLSX: uncompressed bytes of one part that are read. */
  partBytes: number;
  /** XLSX: parts in the zip. */
  entries: number;
  /** XLSX: uncompressed size of the shared strings, which have to be held in memory. */
  sharedStringsBytes: number;
}

export const defaultSheetLimits: SheetLimits = {
  columns: 256,
  headerBytes: 65_536,
  cellBytes: 32_768,
  rows: 10_000_000,
  batchRows: 100,
  uncompressedBytes: 4 * 1024 ** 3,
  partBytes: 4 * 1024 ** 3,
  entries: 1_000,
  sharedStringsBytes: 256 * 1024 ** 2,
};

/**
 * Longest record, in bytes. A quote that is never closed, a line that never ends or a JSON element that never closes is
 * given up here, so that a broken file costs no more memory than a good one.
 */
export const maxRecordBytes = 1024 * 1024;

/** One defect of the whole row's shape (ragged, cell too large…). The codes are listed in sheet-error.ts. */
export interface RecordProblem {
  code: string;
  message: string;
  /** Header of the column concerned, or its letter where it has no header. */
  column?: string;
  /** The value concerned, cut to 100 characters. */
  value?: string;
}

/** One row of the sheet. Without a `problem`, `cells` stand under the headers one by one. */
export interface SheetRecord {
  /**
   * As a person sees it in the file. CSV: ordinal of the record, as a spreadsheet numbers it: the header is usually row 1,
   * a blank line takes a number, a cell with line breaks does not. XLSX: the row's own number. JSON, NDJSON: 1-based ordinal of the element.
   */
  rowNumber: number;
  cells: string[];
  /** JSON, NDJSON: the indexes of headers for which the record has no key; their cells are empty. */
  absent?: ReadonlySet<number>;
  /** JSON, NDJSON: the text of the object that the record was made from. */
  element?: string;
  problem?: RecordProblem;
  /** CSV, JSON, NDJSON: 1-based line of the file on which the record starts. */
  line?: number;
}

/** A sheet whose header is read and whose rows are about to be. */
export interface OpenSheet {
  format: SheetFormat;
  /** CSV, JSON: the encoding found out, e.g. `windows-1252`; `utf-8` as long as no record had anything but ASCII. */
  readonly encoding?: string;
  /** CSV: the delimiter found out. */
  delimiter?: string;
  /** XLSX: the sheet that is read, and all sheets of the workbook in their order. */
  sheetName?: string;
  sheetNames?: string[];
  /** JSON, NDJSON: may grow while records are read; new keys are appended, so that earlier cells keep their places. */
  headers: string[];
  /** At most as many records a batch as the limit says, in the order of the file. Can be read once. Throws SheetError. */
  batches: AsyncIterable<SheetRecord[]>;
  /** Lets go of the source. Harmless when called twice or after the last batch. */
  close(): Promise<void>;
}
