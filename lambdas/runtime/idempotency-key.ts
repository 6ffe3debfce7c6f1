import { invalidRequest } from '../model/invalid-request.ts';

/** The request's Idempotency-Key, if it has one. Part of a store's key, so its characters are few. */
export function idempotencyKeyOf(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const expected = '1 to 255 visible ASCII characters, e.g. a UUID';
  throw invalidRequest([{ in: 'headers', path: 'idempotency-key', expected, received: `${key.length} characters` }]);
}
