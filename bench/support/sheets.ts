import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSheetWriter } from '../../lambdas/sheets/sheet-writer.ts';
import { facilityHeaders, facilityRows } from '../sheets/generate.ts';

/** Writes a sheet of `rows` facilities into a new temporary directory and answers with its path. */
export async function facilitySheet(rows: number, format: 'csv' | 'xlsx' = 'csv'): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'rollcall-sheet-')), `facilities-${rows}.${format}`);
  const writer = createSheetWriter({ format, headers: facilityHeaders, output: createWriteStream(path) });
  for (const row of facilityRows(rows)) await writer.write(row);
  await writer.end();
  return path;
}
