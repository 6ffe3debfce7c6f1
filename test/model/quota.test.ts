import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Bucket,
  fullAfter,
  latestFullAt,
  quotaState,
  refillMicros,
  refundMicros,
  secondsUntil,
  tokensIn,
} from '../../lambdas/model/quota.ts';

const bucket: fc.Arbitrary<Bucket> = fc.record({
  perMinute: fc.integer({ min: 1, max: 60_000_000 }),
  capacity: fc.integer({ min: 1, max: 100_000_000 }),
});
/** Asks for a share of the bucket's capacity, after a pause. */
const ask = fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), pauseMicros: fc.nat(200_000_000) });
const start = 1_800_000_000_000_000;

/** What of the asks is given, each all or nothing, and when. */
function serve(bucket: Bucket, asks: readonly { share: number; pauseMicros: number }[]) {
  let now = start;
  let fullAt = 0;
  const given: { at: number; tokens: number }[] = [];
  for (const { share, pauseMicros } of asks) {
    now += pauseMicros;
    const tokens = Math.max(1, Math.floor(share * bucket.capacity));
    if (fullAt > latestFullAt(bucket, tokens, now)) continue;
    fullAt = fullAfter(bucket, tokens, fullAt, now);
    given.push({ at: now, tokens });
  }
  return { given, fullAt, now };
}

describe('a bucket', () => {
  test('GIVEN any asks WHEN served THEN in no stretch of time is more given than it holds and gets back', () => {
    fc.assert(
      fc.property(bucket, fc.array(ask, { maxLength: 40 }), (bucket, asks) => {
        const { given } = serve(bucket, asks);
        for (const [index, { at: from }] of given.entries()) {
          let sum = 0;
          for (const { at, tokens } of given.slice(index)) {
            sum += tokens;
            expect(sum).toBeLessThanOrEqual(bucket.capacity + ((at - from) * bucket.perMinute) / 60_000_000 + 1);
          }
        }
      }),
    );
  });

  test('GIVEN any state WHEN what is in it is asked for THEN it is given, and one token more is not', () => {
    fc.assert(
      fc.property(bucket, fc.array(ask, { maxLength: 10 }), (bucket, asks) => {
        const { fullAt, now } = serve(bucket, asks);
        const there = tokensIn(bucket, fullAt, now);
        expect(fullAt <= latestFullAt(bucket, there, now)).toBe(true);
        if (there < bucket.capacity) expect(fullAt <= latestFullAt(bucket, there + 1, now)).toBe(false);
      }),
    );
  });

  test('GIVEN too few tokens WHEN it is told how long to wait THEN they are there by then, and not two seconds before', () => {
    fc.assert(
      fc.property(bucket, fc.array(ask, { maxLength: 10 }), ask, (bucket, asks, { share }) => {
        const { fullAt, now } = serve(bucket, asks);
        const tokens = Math.max(1, Math.floor(share * bucket.capacity));
        const seconds = secondsUntil(bucket, tokens, fullAt, now);
        expect(tokensIn(bucket, fullAt, now + seconds * 1_000_000)).toBeGreaterThanOrEqual(tokens);
        if (seconds > 1) expect(tokensIn(bucket, fullAt, now + (seconds - 2) * 1_000_000)).toBeLessThan(tokens);
      }),
    );
  });

  test('GIVEN a charge that came to nothing WHEN it is given back THEN never more is there than without it', () => {
    fc.assert(
      fc.property(bucket, fc.array(ask, { maxLength: 20 }), ask, fc.nat(20), (bucket, asks, own, place) => {
        const others = serve(bucket, asks);
        const at = Math.min(place, asks.length);
        const chargedAt = start + asks.slice(0, at).reduce((sum, { pauseMicros }) => sum + pauseMicros, 0);
        const before = serve(bucket, asks.slice(0, at));
        const tokens = Math.max(1, Math.floor(own.share * bucket.capacity));
        // Afterwards the others take what they took without the charge, whether or not that is still there.
        let fullAt = fullAfter(bucket, tokens, before.fullAt, chargedAt);
        for (const { at, tokens } of others.given.slice(before.given.length)) {
          fullAt = fullAfter(bucket, tokens, fullAt, at);
        }
        const refunded = fullAt - refundMicros(bucket, tokens, chargedAt, others.now);
        expect(Math.max(refunded, others.now)).toBeGreaterThanOrEqual(Math.max(others.fullAt, others.now));
      }),
    );
  });

  test('GIVEN a limit WHEN callers are told THEN of the whole, its time, and what is left of both', () => {
    const limit = { perMinute: 600, capacity: 100 };
    const fullAt = start + refillMicros(limit, 30);
    expect(quotaState('requests', limit, fullAt, start)).toEqual({
      quota: 'requests',
      capacity: 100,
      windowSeconds: 10,
      remaining: 70,
      fullInSeconds: 3,
    });
  });
});
