import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { SheetSource } from '../../lambdas/sheets/sheet.ts';

/** A file on this machine as the source of a sheet. */
export async function fileSource(path: string): Promise<SheetSource> {
  const { size } = await stat(path);
  return {
    size,
    open: async (range) => createReadStream(path, range && { start: range.start, end: range.end - 1 }),
  };
}
