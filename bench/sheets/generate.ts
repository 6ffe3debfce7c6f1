/**
 * Writes a lifelike sheet of facilities: `node bench/sheets/generate.ts ROWS FILE`, the format by the ending of FILE.
 * The same rows come out for the same number, so that measurements can be compared.
 */
import { createWriteStream } from 'node:fs';
import { createSheetWriter } from '../../lambdas/sheets/create-sheet-writer.ts';

export const facilityHeaders = [
  'facilityName',
  'facilityType',
  'facilityStatus',
  'capacity',
  'boundaryCode',
  'usage',
  'latitude',
  'longitude',
];

const places = [
  'Nampula',
  'Mocuba',
  'Angoche',
  'Lichinga',
  'Montepuez',
  'Cuamba',
  'Gurúè',
  'Mandimba',
  'Ribáuè',
  'Milange',
];
const sites = ['Centro de Saúde de', 'Posto de Saúde', 'Hospital Rural de', 'Armazém Distrital de', 'Depósito de'];
const types = ['Health Facility', 'Health Facility', 'Health Facility', 'Warehouse', 'Storing Resource'];

/**
 * `count` facilities, each with a name of its own, in the columns of {@link facilityHeaders}. With `mapped` false they are
 * all out of use, and so wanted at no boundary: rows that become entities and nothing else.
 */
export function* facilityRows(count: number, mapped = true): Generator<string[]> {
  for (let index = 0; index < count; index += 1) {
    const kind = index % sites.length;
    const place = Math.floor(index / sites.length) % places.length;
    yield [
      `${sites[kind]} ${places[place]} ${String(index + 1).padStart(7, '0')}`,
      types[kind] as string,
      index % 7 === 0 ? 'Temporary' : 'Permanent',
      String(50 + ((index * 37) % 5000)),
      boundaries(index),
      !mapped || index % 11 === 0 ? 'Inactive' : 'Active',
      (-10.5 - ((index * 7919) % 160_000) / 10_000).toFixed(5),
      (30.2 + ((index * 6131) % 105_000) / 10_000).toFixed(5),
    ];
  }
}

/** Mostly one village; every eighth facility serves two, which in CSV takes quotes. */
function boundaries(index: number): string {
  const village = (offset: number) => `MZ-${String(1 + ((index + offset) % 40)).padStart(3, '0')}`;
  return index % 8 === 0 ? `${village(0)},${village(1)}` : village(0);
}

async function main(count: number, path: string): Promise<void> {
  const format = path.endsWith('.xlsx') ? 'xlsx' : 'csv';
  const writer = createSheetWriter({ format, headers: facilityHeaders, output: createWriteStream(path) });
  for (const row of facilityRows(count)) await writer.write(row);
  await writer.end();
}

if (import.meta.main) {
  const [count, path] = process.argv.slice(2);
  if (!Number.isInteger(Number(count)) || path === undefined) {
    console.error('Usage: node bench/sheets/generate.ts ROWS FILE.csv|FILE.xlsx');
    process.exit(2);
  }
  await main(Number(count), path);
}
