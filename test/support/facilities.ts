import type { Sheet } from './sheet-files.ts';

export const facilityHeaders = [
  'facilityName',
  'facilityType',
  'facilityStatus',
  'capacity',
  'boundaryCode',
  'usage',
] as const;
export type FacilityColumn = (typeof facilityHeaders)[number];
export type Facility = Readonly<Record<FacilityColumn, string>>;

/** A valid facility; `own` says what is different. */
export function facility(facilityName: string, own: Partial<Facility> = {}): Facility {
  return {
    facilityName,
    facilityType: 'Warehouse',
    facilityStatus: 'Permanent',
    capacity: '1200',
    boundaryCode: 'B-01;B-02',
    usage: 'Active',
    ...own,
  };
}

/** `count` valid facilities, `Facility 1` and so on unless the numbering begins elsewhere. */
export function facilities(count: number, first = 1): Facility[] {
  return Array.from({ length: count }, (_, index) => facility(`Facility ${first + index}`));
}

export function facilitySheet(rows: readonly Facility[]): Sheet {
  return { headers: facilityHeaders, rows: rows.map((row) => facilityHeaders.map((header) => row[header])) };
}
