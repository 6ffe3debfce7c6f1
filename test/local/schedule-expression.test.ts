import { describe, expect, test } from 'vitest';
import { nextTime } from '../../local/control/schedule-expression.ts';

describe('schedule expressions', () => {
  test.each([
    ['at(2030-01-31T12:00:00)', '2029-01-01T00:00:00Z', '2030-01-31T12:00:00Z'],
    ['rate(5 minutes)', '2030-01-01T00:00:30Z', '2030-01-01T00:05:30Z'],
    ['rate(1 day)', '2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z'],
    ['cron(0/15 * * * ? *)', '2030-01-01T00:07:00Z', '2030-01-01T00:15:00Z'],
    ['cron(30 8 ? * MON-FRI *)', '2030-01-04T09:00:00Z', '2030-01-07T08:30:00Z'],
    ['cron(0 0 1 JAN ? *)', '2030-01-01T00:00:00Z', '2031-01-01T00:00:00Z'],
    ['cron(0 12 29 2 ? *)', '2030-01-01T00:00:00Z', '2032-02-29T12:00:00Z'],
    ['cron(5,10 3 * * ? *)', '2030-06-01T03:05:00Z', '2030-06-01T03:10:00Z'],
  ])('GIVEN %s WHEN it is %s THEN it is due at %s', (expression, now, due) => {
    expect(new Date(nextTime(expression, Date.parse(now)) ?? 0)).toEqual(new Date(due));
  });

  test('GIVEN a year that is past WHEN it is asked for THEN it is never due', () => {
    expect(nextTime('cron(0 0 1 1 ? 2020)', Date.parse('2030-01-01T00:00:00Z'))).toBeUndefined();
  });

  test.each(['at(tomorrow)', 'rate(five minutes)', 'rate(5 seconds)', 'cron(* * *)', 'daily'])(
    'GIVEN %s WHEN it is read THEN it is refused by the name of AWS',
    (expression) => {
      expect(() => nextTime(expression, 0)).toThrow(`Invalid Schedule Expression ${expression}.`);
    },
  );
});
