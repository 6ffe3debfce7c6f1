import { Readable } from 'node:stream';
import { openSheet } from '../../lambdas/sheets/open-sheet.ts';
import type { OpenSheet, SheetLimits, SheetRecord, SheetSource } from '../../lambdas/sheets/sheet.ts';
import { SheetError } from '../../lambdas/sheets/sheet-error.ts';

/** Bytes in memory as the source of a sheet, given out in chunks of `chunkBytes`. */
export function memorySource(content: string | Uint8Array, chunkBytes = 1 << 16): SheetSource {
  const bytes = Buffer.from(content as string);
  return {
    size: bytes.length,
    open: async (range = { start: 0, end: bytes.length }) => Readable.from(chunksOf(bytes, range, chunkBytes)),
  };
}

function* chunksOf(bytes: Buffer, range: { start: number; end: number }, chunkBytes: number): Generator<Buffer> {
  for (let start = range.start; start < range.end; start += chunkBytes) {
    yield bytes.subarray(start, Math.min(start + chunkBytes, range.end));
  }
}

export interface ReadSheet extends OpenSheet {
  records: SheetRecord[];
}

/** The sheet with all its records. */
export async function readAll(
  source: SheetSource | string | Uint8Array,
  options: { sheetName?: string; limits?: Partial<SheetLimits> } = {},
): Promise<ReadSheet> {
  const given = typeof source === 'string' || source instanceof Uint8Array ? memorySource(source) : source;
  const sheet = await openSheet(given, options);
  const records: SheetRecord[] = [];
  for await (const batch of sheet.batches) records.push(...batch);
  return { ...sheet, records };
}

/** The cells of all records. */
export async function readCells(source: SheetSource | string | Uint8Array): Promise<string[][]> {
  return (await readAll(source)).records.map((record) => record.cells);
}

/** The error with which reading the sheet ends. */
export async function sheetErrorOf(reading: Promise<unknown>): Promise<SheetError> {
  const outcome = await reading.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof SheetError) return outcome;
  throw new Error('expected a SheetError', { cause: outcome });
}
