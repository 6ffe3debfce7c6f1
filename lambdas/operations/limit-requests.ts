import type { RequestAllowance } from '../model/caller-context.ts';
import { type AccountLimits, type Bucket, microsNow, requestBucket, secondsUntil, tokensIn } from '../model/quota.ts';
import { type QuotaBucket, type QuotaStore, secondsToWait } from '../store/quota-store.ts';

/** From this many requests a minute on, a second's worth of them is taken at a time. */
const leasedFrom = 600;
const leaseMicros = 1_000_000;
/** Accounts whose leases are remembered at most. */
const rememberedAtMost = 1_000;

/** Requests that were taken off an account's bucket and not been made yet. */
interface Lease {
  left: number;
  /** After this, microseconds, they are lost. */
  readonly until: number;
  /** When the bucket is full again, as far as is known here. */
  readonly fullAt: number;
  /** Nothing is to be had before this. */
  readonly refusedUntil: number;
}

/**
 * Counts an account's requests without a write for each: this instance takes a second's worth off the account's bucket
 * and hands it out. What was taken and is not used within a second is lost, so the account may get less than its limit
 * where many instances answer it a few times each. It never gets more: the bucket holds a second's worth less than the
 * limit, which is what may be used that much later than it was taken.
 */
export class RequestLimiter {
  private readonly quotas: QuotaStore;
  private readonly leases = new Map<string, Lease>();

  constructor(quotas: QuotaStore) {
    this.quotas = quotas;
  }

  /** Lets one request of the account through, or says when to come again. */
  async admit(accountId: string, limits: AccountLimits): Promise<RequestAllowance> {
    const { size, bucket } = leasing(limits);
    const known = this.leases.get(accountId);
    const now = microsNow();
    const lease =
      known && (known.refusedUntil > now || (known.left > 0 && known.until > now))
        ? known
        : await this.lease({ accountId, quota: 'requests', ...bucket }, size, known?.fullAt);
    if (lease.left === 0) return { ...allowance(limits, bucket, lease), retryAfterSeconds: secondsTo(lease) };
    lease.left -= 1;
    return allowance(limits, bucket, lease);
  }

  private async lease(bucket: QuotaBucket, size: number, seen: number | undefined): Promise<Lease> {
    const taking = await this.quotas.takeUpTo(bucket, size, seen);
    const { taken, fullAt, at } = taking;
    const wait = taken > 0 ? 0 : Math.max(1, secondsToWait(bucket, 1, taking)) * 1_000_000;
    const lease = { left: taken, until: at + leaseMicros, fullAt, refusedUntil: at + wait };
    if (this.leases.size >= rememberedAtMost) this.leases.clear();
    this.leases.set(bucket.accountId, lease);
    return lease;
  }
}

/** How many requests are taken at a time, and of which bucket. */
export function leasing(limits: AccountLimits): { size: number; bucket: Bucket } {
  const whole = requestBucket(limits);
  if (whole.perMinute < leasedFrom) return { size: 1, bucket: whole };
  return {
    size: Math.floor(whole.perMinute / 60),
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
