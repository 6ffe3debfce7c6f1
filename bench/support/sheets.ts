import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSheetWriter } from '../../lambdas/sheets/create-sheet-writer.ts';
import { facilityHeaders, facilityRows } from '../sheets/generate.ts';

export interface FacilitySheet {
  /** CSV if absent. */
  readonly format?: 'csv' | 'xlsx';
  /** False: facilities that are wanted at no boundary; see `facilityRows`. */
  readonly mapped?: boolean;
}

/** Writes a sheet of `rows` facilities into a new temporary directory and answers with its path. */
export async function facilitySheet(rows: number, { format = 'csv', mapped }: FacilitySheet = {}): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'rollcall-sheet-')), `facilities-${rows}.${format}`);
  const writer = createSheetWriter({ format, headers: facilityHeaders, output: createWriteStream(path) });
  for (const row of facilityRows(rows, mapped)) await writer.write(row);
  await writer.end();
  return path;
}
