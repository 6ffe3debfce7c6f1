/**
 * When a schedule is due: `at(2030-01-31T12:00:00)`, `rate(5 minutes)`, `cron(0 12 ? * MON-FRI *)`, all in UTC.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { ServiceError } from './control-server.ts';

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How far ahead a cron expression is looked for. */
const CRON_HORIZON_DAYS = 366 * 4;

/**
 * @param after epoch milliseconds
 * @returns the next time, or the given one for `at`, whether or not it is past; undefined if there is none
 * @throws ServiceError for an expression that is none
 */
export function nextTime(expression: string, after: number): number | undefined {
  const [, kind, body = ''] = /^(at|rate|cron)\((.+)\)$/.exec(expression) ?? [];
  if (kind === 'at') {
    const time = Date.parse(`${body}Z`);
    if (!Number.isNaN(time)) return time;
  }
  if (kind === 'rate') {
    const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(body) ?? [];
    if (count && UNIT_MS[unit]) return after + Number(count) * UNIT_MS[unit];
  }
  if (kind === 'cron' && body.split(' ').length === 6) return nextCron(body.split(' '), after);
  throw new ServiceError('ValidationException', `Invalid Schedule Expression ${expression}.`);
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function nextCron(
  [minute = '', hour = '', day = '', month = '', weekday = '', year = '']: string[],
  after: number,
): number | undefined {
  const minutes = field(minute, 0, 59);
  const hours = field(hour, 0, 23);
  const days = field(day, 1, 31);
  const months = field(month, 1, 12, MONTHS, 1);
  const weekdays = field(weekday, 1, 7, WEEKDAYS, 1);
  const years = field(year, 1970, 2199);
  const first = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  for (let offset = 0; offset < CRON_HORIZON_DAYS; offset++) {
    const dayStart = Math.floor(first / DAY_MS) * DAY_MS + offset * DAY_MS;
    const date = new Date(dayStart);
    const fits =
      years.has(date.getUTCFullYear()) &&
      months.has(date.getUTCMonth() + 1) &&
      days.has(date.getUTCDate()) &&
      weekdays.has(date.getUTCDay() + 1);
    if (!fits) continue;
    for (const h of hours) {
      for (const m of minutes) {
        const time = dayStart + h * 3_600_000 + m * MINUTE_MS;
        if (time >= first) return time;
      }
    }
  }
  return undefined;
}

/** The values that one field of a cron expression takes, ascending. */
function field(text: string, lowest: number, highest: number, names: string[] = [], firstName = 0): Set<number> {
  const number = (part: string): number => {
    const index = names.indexOf(part.toUpperCase());
    return index >= 0 ? index + firstName : Number(part);
  };
  const values = text.split(',').flatMap((part) => {
    const [range = '', step = '1'] = part.split('/');
    const [from, to] = range === '*' || range === '?' ? [lowest, highest] : range.split('-').map(number);
    const last = to ?? (part.includes('/') ? highest : from);
    const count = Math.floor(((last ?? lowest) - (from ?? lowest)) / Number(step)) + 1;
    return Array.from({ length: count }, (_, index) => (from ?? lowest) + index * Number(step));
  });
  return new Set(values.sort((a, b) => a - b));
}
