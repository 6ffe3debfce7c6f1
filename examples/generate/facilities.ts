import { type Boundary, boundaries } from './boundaries.ts';
import { Random } from './random.ts';
import { type Cell, type ExampleSheet, sheetOf } from './sheet.ts';

const columns = [
  'facilityName',
  'facilityType',
  'facilityStatus',
  'capacity',
  'boundaryCode',
  'usage',
  'latitude',
  'longitude',
] as const;
type Facility = Readonly<Record<(typeof columns)[number], Cell>>;

const facilityCount = 1_000;
const kinds = [
  {
    facilityType: 'Health Facility',
    names: ['Health Post', 'Health Centre', 'Clinic', 'Maternity'],
    least: 500,
    most: 9_000,
  },
  { facilityType: 'Warehouse', names: ['District Store', 'Medical Store', 'Cold Store'], least: 20_000, most: 400_000 },
  {
    facilityType: 'Storing Resource',
    names: ['School Store', 'Market Depot', 'Council Depot'],
    least: 1_000,
    most: 25_000,
  },
] as const;

/** Mistakes as people make them, by the row (counted from 1, the header not counted) in which they stand. */
const mistakes: Readonly<Record<number, Partial<Facility>>> = {
  58: { capacity: -5 },
  211: { facilityType: 'Werehouse' },
  340: { facilityName: '' },
  507: { capacity: 12.5 },
  689: { latitude: 95.2 },
  842: { boundaryCode: '' },
};
/** This row repeats the name of that one. */
const repeated = { row: 930, of: 12 };

/** The facilities of the campaign, six rows with a mistake and one duplicate among them. */
export function facilitySheet(): ExampleSheet {
  const records = facilities().map((facility, index) => ({ ...facility, ...mistakes[index + 1] }));
  const [first, again] = [records[repeated.of - 1], records[repeated.row - 1]];
  if (first && again) records[repeated.row - 1] = { ...again, facilityName: first.facilityName };
  return sheetOf('facilities.xlsx', columns, records);
}

/** The later sheet: of 60 facilities, 45 serve another locality now and 15 are not used any more. */
export function movedFacilitySheet(): ExampleSheet {
  const random = new Random(2_027);
  const localities = boundaries().filter(({ boundaryType }) => boundaryType === 'Locality');
  const created = facilities().filter((_, index) => !mistakes[index + 1] && index + 1 !== repeated.row);
  const used = created.filter(({ usage }) => usage === 'Active');
  const records = random.sample(used, 60).map((facility, index) => {
    if (index % 4 === 0) return { ...facility, usage: 'Inactive' };
    const others = localities.filter(({ code }) => !String(facility.boundaryCode).includes(code));
    return { ...facility, boundaryCode: random.pick(others).code };
  });
  return sheetOf('facilities-moved.csv', columns, records);
}

function facilities(): Facility[] {
  const random = new Random(2_026);
  const localities = boundaries().filter(({ boundaryType }) => boundaryType === 'Locality');
  const villages = villageNames(random, facilityCount);
  return villages.map((village, index) => facility(random, village, localities[index % localities.length] as Boundary));
}

function facility(random: Random, village: string, locality: Boundary): Facility {
  const kind = random.chance(0.7) ? kinds[0] : random.pick(kinds);
  return {
    facilityName: `${village} ${random.pick(kind.names)}`,
    facilityType: kind.facilityType,
    facilityStatus: random.chance(0.85) ? 'Permanent' : 'Temporary',
    capacity: random.whole(kind.least / 100, kind.most / 100) * 100,
    boundaryCode: served(random, locality, kind.facilityType === 'Warehouse').join(random.chance(0.5) ? ',' : '; '),
    usage: random.chance(0.97) ? 'Active' : 'Inactive',
    latitude: round(locality.latitude + random.next() - 0.5),
    longitude: round(locality.longitude + random.next() - 0.5),
  };
}

/** A warehouse serves a whole district, the others their locality, sometimes a neighbour too. */
function served(random: Random, locality: Boundary, wholeDistrict: boolean): string[] {
  const siblings = boundaries().filter(({ parentCode }) => parentCode === locality.parentCode);
  if (wholeDistrict) return siblings.map(({ code }) => code);
  const neighbours = siblings.filter(({ code }) => code !== locality.code);
  return random.chance(0.15) ? [locality.code, random.pick(neighbours).code] : [locality.code];
}

function villageNames(random: Random, count: number): string[] {
  const beginnings = [
    'Am',
    'Bo',
    'Che',
    'Da',
    'Eli',
    'Fu',
    'Ga',
    'Ha',
    'Ibo',
    'Ja',
    'Ka',
    'Lu',
    'Ma',
    'Né',
    'O',
    'Pa',
    'Ru',
    'Sã',
    'Ta',
    'Wa',
  ];
  const middles = ['ba', 'che', 'di', 'fu', 'go', 'la', 'mbi', 'na', 'nge', 'ra', 'si', 'to', 'vu', 'zi'];
  const ends = ['da', 'ko', 'la', 'lo', 'me', 'ni', 'ra', 'ssa', 'ta', 'we'];
  const names = new Set<string>();
  while (names.size < count) names.add(random.pick(beginnings) + random.pick(middles) + random.pick(ends));
  return [...names];
}

function round(degrees: number): number {
  return Math.round(degrees * 10_000) / 10_000;
}
