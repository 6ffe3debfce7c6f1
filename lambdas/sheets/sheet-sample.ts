import { Readable } from 'node:stream';
import { openSheet } from './open-sheet.ts';
import type { OpenSheet, SheetLimits, SheetRecord, SheetSource } from './sheet.ts';
import { SheetError } from './sheet-error.ts';

/** The first rows of a sheet, and what of it was found out on the way. */
export interface SheetSample {
  /** Absent when not even the header could be read. */
  readonly sheet?: Pick<OpenSheet, 'format' | 'encoding' | 'delimiter' | 'sheetName' | 'sheetNames' | 'headers'>;
  readonly records: readonly SheetRecord[];
  /** True when these are all rows of the sheet. */
  readonly complete: boolean;
  /** Why the sheet can't be read, or not be read on. */
  readonly problem?: SheetError;
}

export interface SampleOptions {
  readonly rows: number;
  readonly sheetName?: string | undefined;
  /** True when the source is only the beginning of the sheet. */
  readonly cut: boolean;
}

/** Bytes of text that are read at most, however few rows are in them. */
const textBytes = 8 * 1024 ** 2;
/** Row by row, so that those before a mistake are seen; and of a workbook no more than can be unpacked in some seconds. */
const limits: Partial<SheetLimits> = {
  batchRows: 1,
  partBytes: 256 * 1024 ** 2,
  sharedStringsBytes: 128 * 1024 ** 2,
};

/** Reads the first rows of a sheet of any format, and bounded bytes of it. A mistake in it is part of the answer. */
export async function readSample(source: SheetSource, options: SampleOptions): Promise<SheetSample> {
  const cut = options.cut || source.size > textBytes;
  let sheet: OpenSheet | undefined;
  const records: SheetRecord[] = [];
  try {
    const { sheetName } = options;
    sheet = await openSheet(beginningOf(source), { limits, ...(sheetName !== undefined && { sheetName }) });
    for await (const some of sheet.batches) {
      records.push(...some);
      if (records.length > options.rows) return { sheet, records: records.slice(0, options.rows), complete: false };
    }
    // The end of the part is not the end of a row.
    const isText = sheet.format !== 'xlsx';
    return cut && isText
      ? { sheet, records: records.slice(0, -1), complete: false }
      : { sheet, records, complete: true };
  } catch (error) {
    if (!(error instanceof SheetError)) throw error;
    const known = { ...(sheet && { sheet }), records, complete: false };
    return cut && records.length > 0 ? known : { ...known, problem: error };
  } finally {
    await sheet?.close();
  }
}

/** The source, of which no more than the beginning is read where all of it is asked for: only text is. */
function beginningOf(source: SheetSource): SheetSource {
  const end = Math.min(source.size, textBytes);
  return { size: source.size, open: (range) => source.open(range ?? { start: 0, end }) };
}

/** Bytes at hand as a source. */
export function sourceOf(bytes: Buffer): SheetSource {
  return {
    size: bytes.length,
    open: async ({ start, end } = { start: 0, end: bytes.length }) => Readable.from([bytes.subarray(start, end)]),
  };
}
