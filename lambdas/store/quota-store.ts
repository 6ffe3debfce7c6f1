import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  type Bucket,
  latestFullAt,
  microsNow,
  type Quota,
  refillMicros,
  refundMicros,
  secondsUntil,
  tokensIn,
} from '../model/quota.ts';
import type { ControlTable, ItemKey } from './control-table.ts';

/** An account's bucket. */
export interface QuotaBucket extends Bucket {
  readonly accountId: string;
  readonly quota: Quota;
}

/** What came of asking for tokens. */
export interface Taking {
  /** How many were given. */
  readonly taken: number;
  /** How many are left. */
  readonly remaining: number;
  /** When the bucket is full again, microseconds since 1970. */
  readonly fullAt: number;
  /** When this was so, microseconds since 1970. */
  readonly at: number;
}

/** An attempt fails only when the bucket has become full, or ceased to be, since it was last seen. Then it is not empty. */
const attempts = 8;

/**
 * Token buckets in the control table: PK `QUOTA#account`, SK the quota, and in it `fullAt` (see model/quota.ts). Tokens
 * are taken by one conditional update, which itself decides whether there are enough: two that take at the same moment
 * never get more than there is.
 */
export class QuotaStore {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** Takes all `tokens`, or none. `seen` is a `fullAt` from before, which spares an attempt when it still tells the truth. */
  async take(bucket: QuotaBucket, tokens: number, seen = 0): Promise<Taking> {
    if (tokens > bucket.capacity) throw new RangeError(`A bucket of ${bucket.capacity} never holds ${tokens}`);
    let known = seen;
    for (let attempt = 1; ; attempt++) {
      const now = microsNow();
      const answer = await this.charge(bucket, tokens, known, now);
      if (answer.charged) return takingOf(bucket, tokens, answer.fullAt, now);
      const refused = answer.fullAt > latestFullAt(bucket, tokens, now);
      if (refused || attempt === attempts) return takingOf(bucket, 0, answer.fullAt, now);
      known = answer.fullAt;
    }
  }

  /** Takes as many tokens as there are, `tokens` at most. */
  async takeUpTo(bucket: QuotaBucket, tokens: number, seen = 0): Promise<Taking> {
    const first = await this.take(bucket, Math.min(tokens, bucket.capacity), seen);
    if (first.taken > 0 || first.remaining === 0) return first;
    // What is there by now; somebody else may take of it first, then the next look will find what has come back.
    return this.take(bucket, first.remaining, first.fullAt);
  }

  /** What is in the bucket. */
  async look(bucket: QuotaBucket): Promise<Taking> {
    const found = await this.control.get<{ fullAt: number }>(keyOf(bucket));
    return takingOf(bucket, 0, found?.fullAt ?? 0, microsNow());
  }

  /** Gives back what was taken for nothing. */
  async giveBack(bucket: QuotaBucket, { taken, at }: Taking): Promise<void> {
    const micros = refundMicros(bucket, taken, at, microsNow());
    if (micros > 0) await this.control.change(keyOf(bucket), { add: { fullAt: -micros } });
  }

  /** Makes an account's buckets full, as they are when its limits are new. */
  async fill(accountId: string, quotas: readonly Quota[]): Promise<void> {
    await Promise.all(quotas.map((quota) => this.control.delete(keyOf({ accountId, quota }))));
  }

  /** A bucket that is full counts from now on, one that is not from where it stands: each has its own condition. */
  private async charge(bucket: QuotaBucket, tokens: number, known: number, now: number) {
    const cost = refillMicros(bucket, tokens);
    const isFull = known <= now;
    try {
      const answer = await this.control.client.send(
        new UpdateCommand({
          TableName: this.control.name,
          Key: keyOf(bucket),
          UpdateExpression: isFull ? 'SET fullAt = :next' : 'SET fullAt = fullAt + :cost',
          ConditionExpression: isFull
            ? 'attribute_not_exists(fullAt) OR fullAt <= :now'
            : 'fullAt > :now AND fullAt <= :latest',
          ExpressionAttributeValues: isFull
            ? { ':next': now + cost, ':now': now }
            : { ':cost': cost, ':now': now, ':latest': latestFullAt(bucket, tokens, now) },
          ReturnValues: 'UPDATED_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { charged: true, fullAt: Number(answer.Attributes?.fullAt) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { charged: false, fullAt: Number(error.Item?.fullAt?.N ?? 0) };
    }
  }
}

function takingOf(bucket: Bucket, taken: number, fullAt: number, at: number): Taking {
  return { taken, remaining: tokensIn(bucket, fullAt, at), fullAt, at };
}

/** Whole seconds until `tokens` could be taken of a bucket that was seen like this. */
export function secondsToWait(bucket: Bucket, tokens: number, { fullAt, at }: Taking): number {
  return secondsUntil(bucket, tokens, fullAt, at);
}

function keyOf({ accountId, quota }: Pick<QuotaBucket, 'accountId' | 'quota'>): ItemKey {
  return { pk: `QUOTA#${accountId}`, sk: quota };
}
