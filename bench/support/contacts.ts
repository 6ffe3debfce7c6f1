import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSheetWriter } from '../../lambdas/sheets/create-sheet-writer.ts';

const headers = ['email', 'phone', 'firstName', 'lastName', 'jobTitle', 'city', 'country'] as const;

/** Contact number `index`, each found by an address and a phone number of its own. */
export function contact(index: number, jobTitle: string): Record<(typeof headers)[number], string> {
  return {
    email: `person.${index}@company-${index % 997}.example.org`,
    phone: `+25884${String(index).padStart(7, '0')}`,
    firstName: `First ${index % 311}`,
    lastName: `Last ${index}`,
    jobTitle,
    city: 'Nampula',
    country: 'Mozambique',
  };
}

/** Writes contacts number `first` to `end` - 1 into a new temporary directory and answers with the sheet's path. */
export async function contactSheet(first: number, end: number, jobTitle: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'rollcall-sheet-')), `contacts-${first}-${end}.csv`);
  const writer = createSheetWriter({ format: 'csv', headers: [...headers], output: createWriteStream(path) });
  for (let index = first; index < end; index++) {
    const values = contact(index, jobTitle);
    await writer.write(headers.map((header) => values[header]));
  }
  await writer.end();
  return path;
}
