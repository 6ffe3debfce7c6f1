import { type ExampleSheet, sheetOf } from './sheet.ts';

export interface Boundary {
  readonly code: string;
  readonly name: string;
  readonly boundaryType: 'Country' | 'Province' | 'District' | 'Locality';
  readonly parentCode: string;
  /** Roughly where it lies; facilities are scattered around it. */
  readonly latitude: number;
  readonly longitude: number;
}

/** Marova, a country that does not exist: provinces, their districts, and the localities of these. */
const marova = {
  Northmark: {
    Keltara: ['Ambeli', 'Sorande', 'Tumawe'],
    Ossina: ['Dalmora', 'Ferrano'],
    Pelagu: ['Inziro', 'Katamba'],
  },
  Eastvale: {
    Lumbiri: ['Mbazo', 'Nkalle', 'Orvena'],
    Cassoma: ['Pindara', 'Quelossa'],
  },
  Southern: {
    Vantura: ['Rumaki', 'Sallende', 'Tovisa'],
    Mirembe: ['Ubonde', 'Wandari', 'Yelima'],
    Zarifa: ['Zomboli', 'Arenga'],
  },
  Lakes: {
    Bonaya: ['Bukesi', 'Chilowa', 'Dembera'],
    Hadessa: ['Elongo', 'Galuma'],
  },
} as const;

function code(...names: readonly string[]): string {
  return ['MRV', ...names.map((name) => name.slice(0, 3).toUpperCase())].join('-');
}

/** The hierarchy from the country down: 1 + 4 + 10 + 25 boundaries, parents before children. */
export function boundaries(): Boundary[] {
  const all: Boundary[] = [place('Country', [], 'Marova', '')];
  for (const [province, districts] of Object.entries(marova)) {
    all.push(place('Province', [province], province, code()));
    for (const [district, localities] of Object.entries(districts)) {
      all.push(place('District', [province, district], district, code(province)));
      for (const locality of localities) {
        all.push(place('Locality', [province, district, locality], locality, code(province, district)));
      }
    }
  }
  return all;
}

function place(
  boundaryType: Boundary['boundaryType'],
  path: readonly string[],
  name: string,
  parentCode: string,
): Boundary {
  // Spread over a stretch of open ocean by the letters of the name, so that nobody's real village is meant.
  const spread = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return {
    code: code(...path),
    name,
    boundaryType,
    parentCode,
    latitude: -20 - (spread % 70) / 10,
    longitude: -15 - ((spread * 7) % 90) / 10,
  };
}

export function boundarySheet(): ExampleSheet {
  return sheetOf('boundaries.csv', ['code', 'name', 'boundaryType', 'parentCode'], boundaries());
}
