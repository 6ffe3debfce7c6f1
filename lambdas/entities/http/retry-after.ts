/** No service sends rows away for longer than this; the queue would forget them. */
const longestSeconds = 3_600;

/**
 * The seconds that a `Retry-After` header asks for: a number, or an HTTP date (RFC 9110 §10.2.3). Undefined when
 * there is none that can be read. `now` in milliseconds since 1970.
 */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.min(longestSeconds, Math.max(0, Math.ceil(seconds)));
}
