/**
 * Makes the sheets of the example campaign: `node examples/generate.ts`. All of it is invented, and the same every
 * time: the sheets are kept beside this program, and a test compares the two.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { writeXlsx } from 'hucre';
import { boundarySheet } from './generate/boundaries.ts';
import { facilitySheet, movedFacilitySheet } from './generate/facilities.ts';
import { resourceSheet } from './generate/resources.ts';
import type { ExampleSheet } from './generate/sheet.ts';
import { userSheet } from './generate/users.ts';

export const campaignDirectory = join(import.meta.dirname, 'campaign');

/** Stands in the workbook; the clock's time would make each run's bytes differ. */
const madeAt = new Date('2026-03-13T00:00:00Z');

export function exampleSheets(): ExampleSheet[] {
  return [boundarySheet(), resourceSheet(), facilitySheet(), userSheet(), movedFacilitySheet()];
}

/** The sheet's bytes in the format that its name says. */
export async function encode({ fileName, columns, rows }: ExampleSheet): Promise<Uint8Array> {
  const lines = [columns, ...rows].map((row) => [...row]);
  if (fileName.endsWith('.xlsx'))
    return writeXlsx({
      sheets: [{ name: 'Facilities', rows: lines }],
      properties: { created: madeAt, modified: madeAt },
    });
  return Buffer.from(stringify(lines));
}

if (import.meta.main) {
  await mkdir(campaignDirectory, { recursive: true });
  for (const sheet of exampleSheets()) await writeFile(join(campaignDirectory, sheet.fileName), await encode(sheet));
}
