/** Numbers, sizes and times as people read them. */

export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** `1 row`, `1,000 rows`. */
export function plural(count: number, noun: string, several = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : several}`;
}

export function bytes(count: number): string {
  if (count < 1024) return plural(count, 'byte');
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(count) / 10), units.length);
  return `${(count / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** `4.2 s`, `3:05`, `1:02:07`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return clock(seconds);
}

/** `0:12`, `1:02:07`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** Local time to the second: `2026-03-13 14:05:09`. */
export function localTime(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE');
}
