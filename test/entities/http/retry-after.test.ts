import { expect, it } from 'vitest';
import { retryAfterSeconds } from '../../../lambdas/entities/http/retry-after.ts';

const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT');

it.each([
  ['120', 120],
  [' 0 ', 0],
  ['Wed, 21 Oct 2015 07:28:30 GMT', 30],
  ['Wednesday, 21-Oct-15 07:29:00 GMT', 60],
  ['Wed, 21 Oct 2015 07:00:00 GMT', 0],
  ['999999999', 3_600],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads Retry-After: %s as %s seconds', (header, seconds) => {
  expect(retryAfterSeconds(header, now)).toBe(seconds);
});
