import type { QuotaState } from '../model/quota.ts';

/**
 * What is left of the caller's quotas, in the fields of the IETF's draft (draft-ietf-httpapi-ratelimit-headers): the
 * policy says how much (`q`) comes back in how many seconds (`w`), the other what remains (`r`) and in how many seconds
 * all of it is back (`t`).
 */
export function rateLimitHeaders(states: readonly QuotaState[]): Record<string, string> {
  if (states.length === 0) return {};
  return {
    'ratelimit-policy': states
      .map(({ quota, capacity, windowSeconds }) => `"${quota}";q=${capacity};w=${windowSeconds}`)
      .join(', '),
    ratelimit: states
      .map(({ quota, remaining, fullInSeconds }) => `"${quota}";r=${remaining};t=${fullInSeconds}`)
      .join(', '),
  };
}
