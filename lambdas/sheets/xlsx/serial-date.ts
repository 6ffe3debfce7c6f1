const dayMilliseconds = 86_400_000;
const daySeconds = 86_400;
/** 9999-12-31, the last day a spreadsheet knows. */
const lastSerial = 2_958_466;

/**
 * A date as the spreadsheet counts it, in ISO form: `2024-03-01`, `2024-03-01T09:30:00` or, for times of day and durations,
 * `09:30:00`. `undefined` for numbers that are no date there either (a spreadsheet shows #### for them).
 * @param serial days since the epoch of the workbook, with the time as a fraction.
 */
export function isoDate(serial: number, kind: 'date' | 'time' | 'dateTime', date1904: boolean): string | undefined {
  if (!(serial >= 0 && serial < lastSerial)) return undefined;
  // Shown to the second; a fraction that is next to midnight belongs to the next day.
  const seconds = kind === 'date' ? Math.floor(serial) * daySeconds : Math.round(serial * daySeconds);
  if (kind === 'time') return timeText(seconds);
  const date = dateText(Math.floor(seconds / daySeconds), date1904);
  return kind === 'date' ? date : `${date}T${timeText(seconds % daySeconds)}`;
}

function dateText(days: number, date1904: boolean): string {
  // Since Lotus 1-2-3, day 60 is a 29 February that 1900 didn't have.
  if (!date1904 && days === 60) return '1900-02-29';
  const dayZero = date1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  return new Date(dayZero + days * dayMilliseconds).toISOString().slice(0, 10);
}

function timeText(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
