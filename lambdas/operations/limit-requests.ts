import type { RequestAllowance } from '../model/caller-context.ts';
import { type AccountLimits, type Bucket, microsNow, requestBucket, secondsUntil, tokensIn } from '../model/quota.ts';
import { type QuotaBucket, type QuotaStore, secondsToWait } from '../store/quota-store.ts';

/** From this many requests a minute on, several of them are taken at a time. */
const leasedFrom = 600;
const leaseMicros = 1_000_000;
/** Accounts whose leases are remembered at most. */
const rememberedAtMost = 1_000;

/** Requests that were taken off an account's bucket and not been made yet. */
interface Lease {
  /** How many were asked for. */
  readonly size: number;
  left: number;
  /** After this, microseconds, they are lost. */
  readonly until: number;
  /** When the bucket is full again, as far as is known here. */
  readonly fullAt: number;
  /** Nothing is to be had before this. */
  readonly refusedUntil: number;
}

/**
 * Counts an account's requests without a write for each: this instance takes as many off the account's bucket as it
 * seems to need for a second, and hands them out. What it does not use by then is lost, so the account may get somewhat
 * less than its limit. It never gets more: the bucket holds a second's worth less than the limit, which is what may be
 * used that much later than it was taken.
 */
export class RequestLimiter {
  private readonly quotas: QuotaStore;
  private readonly leases = new Map<string, Lease>();

  constructor(quotas: QuotaStore) {
    this.quotas = quotas;
  }

  /** Lets one request of the account through, or says when to come again. */
  async admit(accountId: string, limits: AccountLimits): Promise<RequestAllowance> {
    const { most, bucket } = leasing(limits);
    const known = this.leases.get(accountId);
    const now = microsNow();
    const lease =
      known && (known.refusedUntil > now || (known.left > 0 && known.until > now))
        ? known
        : await this.lease(
            { accountId, quota: 'requests', ...bucket },
            Math.min(most, need(known, now)),
            known?.fullAt,
          );
    if (lease.left === 0) return { ...allowance(limits, bucket, lease), retryAfterSeconds: secondsTo(lease) };
    lease.left -= 1;
    return allowance(limits, bucket, lease);
  }

  private async lease(bucket: QuotaBucket, size: number, seen: number | undefined): Promise<Lease> {
    const taking = await this.quotas.takeUpTo(bucket, size, seen);
    const { taken, fullAt, at } = taking;
    const wait = taken > 0 ? 0 : Math.max(1, secondsToWait(bucket, 1, taking)) * 1_000_000;
    const lease = { size, left: taken, until: at + leaseMicros, fullAt, refusedUntil: at + wait };
    if (this.leases.size >= rememberedAtMost) this.leases.clear();
    this.leases.set(bucket.accountId, lease);
    return lease;
  }
}

/**
 * How many requests this instance needs for a second: twice as many as before when those were used up sooner, else as
 * many as were used. So an instance that answers an account now and then takes one at a time, and leaves the others theirs.
 */
function need(last: Lease | undefined, now: number): number {
  if (!last) return 1;
  return last.until > now ? 2 * last.size : Math.max(1, last.size - last.left);
}

/** How many requests are taken at a time at most, and of which bucket. */
export function leasing(limits: AccountLimits): { most: number; bucket: Bucket } {
  const whole = requestBucket(limits);
  if (whole.perMinute < leasedFrom) return { most: 1, bucket: whole };
  return {
    most: Math.floor(whole.perMinute / 60),
    bucket: { ...whole, capacity: whole.capacity - Math.ceil(whole.perMinute / 60) },
  };
}

/** What is left, as far as is known here: other instances take of the same bucket. */
function allowance(limits: AccountLimits, bucket: Bucket, { left, fullAt }: Lease): RequestAllowance {
  const now = microsNow();
  const { capacity } = requestBucket(limits);
  return {
    remaining: Math.min(capacity, left + tokensIn(bucket, fullAt, now)),
    fullInSeconds: secondsUntil(bucket, bucket.capacity, fullAt, now),
  };
}

function secondsTo({ refusedUntil }: Lease): number {
  return Math.max(1, Math.ceil((refusedUntil - microsNow()) / 1_000_000));
}
