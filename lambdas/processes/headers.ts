import { withoutInvisible } from './invisible.ts';

/**
 * A header as it is compared: without regard to case, spaces, underscores, hyphens and what nobody sees, and without the
 * mark of a required column at its end. `Facility Name (Mandatory)`, `facility_name*` and `facilityName` are one.
 */
export function normalizeHeader(header: string): string {
  return withoutInvisible(header)
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_-]+/g, '')
    .replace(/(\(mandatory\)|\*)+$/, '');
}

/** A header as a column mapping names it: as it stands in the sheet, less the space around it. */
export function exactHeader(header: string): string {
  return header.normalize('NFC').trim();
}

/** The mark of a required column in a template. */
export const requiredMark = ' (Mandatory)';
