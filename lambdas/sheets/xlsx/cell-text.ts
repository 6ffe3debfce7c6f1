import { applyMask, type NumberFormat } from './number-format.ts';
import { isoDate } from './serial-date.ts';

/** The text of a number as a person means it: a date in ISO form, a code with its zeros, else the shortest digits. */
export function numberText(stored: string, format: NumberFormat | undefined, date1904: boolean): string {
  const plain = plainNumber(stored);
  if (format === undefined || format.kind === 'plain') return plain;
  if (format.kind === 'mask') return /^\d+$/.test(plain) ? applyMask(plain, format.mask) : plain;
  return isoDate(Number(stored), format.kind, date1904) ?? plain;
}

/** `8.4E8` → `840000000`, `0.10000000000000001` → `0.1`. Whole numbers keep all their digits, however many. */
function plainNumber(stored: string): string {
  if (/^(?:0|-?[1-9]\d*)$/.test(stored)) return stored;
  const value = Number(stored);
  return stored.trim() === '' || !Number.isFinite(value) ? stored : String(value);
}

/** A date that is stored as one (`t="d"`), to the second and without a zone, as the others. */
export function storedDateText(stored: string, format: NumberFormat | undefined): string {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d))?/.exec(stored) ?? [];
  if (date === undefined) return stored;
  return time === undefined || format?.kind === 'date' ? date : `${date}T${time}`;
}
