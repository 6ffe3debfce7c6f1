import { z } from 'zod';

/** Beyond this the arithmetic below would no longer be exact. */
const mostPerMinute = 60_000_000;
const mostBurst = 100_000_000;

const perMinute = z.number().int().min(1).max(mostPerMinute);

/** What an account may do. A stage has defaults, an account may have its own. */
export const accountLimitsSchema = z.object({
  requestsPerMinute: perMinute.meta({ description: 'Requests that come back a minute, and that may come at once.' }),
  recordsPerMinute: perMinute.meta({ description: 'Records that come back a minute.' }),
  burstRecords: z.number().int().min(1).max(mostBurst).meta({ description: 'Records that may come at once.' }),
});
export type AccountLimits = z.infer<typeof accountLimitsSchema>;

/** What is rationed. */
export const quotas = ['requests', 'records'] as const;
export type Quota = (typeof quotas)[number];

/**
 * A bucket of tokens: `capacity` of them at most, `perMinute` of them coming back. What is kept of it is one number, the
 * microsecond (since 1970) at which it is full again: a token costs the time in which it comes back, so taking moves that
 * moment on, time alone fills the bucket, and nobody has to write the refill down.
 */
export interface Bucket {
  readonly perMinute: number;
  readonly capacity: number;
}

/** An account's bucket of requests holds a minute's worth of them. */
export function requestBucket({ requestsPerMinute }: AccountLimits): Bucket {
  return { perMinute: requestsPerMinute, capacity: requestsPerMinute };
}

export function recordBucket({ recordsPerMinute, burstRecords }: AccountLimits): Bucket {
  return { perMinute: recordsPerMinute, capacity: burstRecords };
}

const microsAMinute = 60_000_000;
const microsASecond = 1_000_000;

/** Now, in the microseconds of buckets. */
export function microsNow(): number {
  return Date.now() * 1_000;
}

/** The microseconds in which `tokens` come back, rounded up: nobody gets more than the limit by asking in small pieces. */
export function refillMicros({ perMinute }: Bucket, tokens: number): number {
  return Math.ceil((tokens * microsAMinute) / perMinute);
}

/** The latest `fullAt` at which `tokens` may still be taken. */
export function latestFullAt(bucket: Bucket, tokens: number, now: number): number {
  return now + refillMicros(bucket, bucket.capacity) - refillMicros(bucket, tokens);
}

/** `fullAt` after `tokens` were taken. */
export function fullAfter(bucket: Bucket, tokens: number, fullAt: number, now: number): number {
  return Math.max(fullAt, now) + refillMicros(bucket, tokens);
}

/** Tokens that are in a bucket. */
export function tokensIn(bucket: Bucket, fullAt: number, now: number): number {
  const room = refillMicros(bucket, bucket.capacity) - Math.max(fullAt - now, 0);
  return Math.max(0, Math.min(bucket.capacity, Math.floor((room * bucket.perMinute) / microsAMinute)));
}

/** Whole seconds until `tokens` are there; for more than the bucket holds, until all of them could have come. */
export function secondsUntil(bucket: Bucket, tokens: number, fullAt: number, now: number): number {
  return Math.max(0, Math.ceil((fullAt - latestFullAt(bucket, tokens, now)) / microsASecond));
}

/**
 * What may be given back of a charge that came to nothing, in microseconds. Had it never been made, the bucket might have
 * been full, and so without refill, for as long as the charge stood: that time stays paid, or others could get more than
 * the limit.
 */
export function refundMicros(bucket: Bucket, tokens: number, chargedAt: number, now: number): number {
  return Math.max(0, refillMicros(bucket, tokens) - (now - chargedAt));
}

/** How a bucket stands, as callers are told. */
export interface QuotaState {
  readonly quota: Quota;
  /** What the bucket holds at most, and the whole seconds in which so much comes back. */
  readonly capacity: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly fullInSeconds: number;
}

export function quotaState(quota: Quota, bucket: Bucket, fullAt: number, now: number): QuotaState {
  const { capacity } = bucket;
  return {
    quota,
    capacity,
    windowSeconds: Math.ceil(refillMicros(bucket, capacity) / microsASecond),
    remaining: tokensIn(bucket, fullAt, now),
    fullInSeconds: secondsUntil(bucket, capacity, fullAt, now),
  };
}
