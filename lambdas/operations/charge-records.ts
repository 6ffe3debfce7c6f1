import type { Caller } from '../model/account.ts';
import type { BulkAction, ChargedRecords } from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import { type AccountLimits, type QuotaState, quotaState, recordBucket } from '../model/quota.ts';
import { QuotaProblem } from '../model/quota-problem.ts';
import { type QuotaBucket, type QuotaStore, secondsToWait, type Taking } from '../store/quota-store.ts';

/** Who is charged. */
interface Charged {
  readonly caller: Caller;
  readonly accountLimits: AccountLimits;
}

/** The records that came along with a request, as a charge to the account: made before anything else is. */
export class RecordCharge {
  private readonly store: QuotaStore;
  private readonly bucket: QuotaBucket;
  private readonly records: number;
  private taking: Taking | undefined;

  constructor(store: QuotaStore, { caller, accountLimits }: Charged, records: number) {
    this.store = store;
    this.bucket = { accountId: caller.accountId, quota: 'records', ...recordBucket(accountLimits) };
    this.records = records;
  }

  /**
   * Takes the records of the account's quota, all of them or none; nothing for a request without any.
   * @throws ProblemError `payload_too_large` when the account never has so many at once.
   * @throws QuotaProblem when they are not there now.
   */
  async make(): Promise<void> {
    const { records, bucket } = this;
    if (records === 0) return;
    if (records > bucket.capacity) throw neverEnough(records, bucket);
    const taking = await this.store.take(bucket, records);
    if (taking.taken === 0) throw notNow(records, bucket, taking);
    this.taking = taking;
  }

  /** What the action keeps of the charge. */
  get charged(): ChargedRecords | undefined {
    return this.taking && { run: 0, records: this.records, at: this.taking.at };
  }

  /** Gives the charge back when nothing came of it, or `action` is one that another request has paid for. */
  async giveBackUnlessOf(action: BulkAction | undefined): Promise<void> {
    const { taking } = this;
    if (!taking || action?.charged?.at === taking.at) return;
    this.taking = undefined;
    await this.store.giveBack(this.bucket, taking);
  }

  /** How the quota stands after the charge. */
  get quotas(): readonly QuotaState[] {
    return this.taking ? [stateOf(this.bucket, this.taking)] : [];
  }
}

function stateOf(bucket: QuotaBucket, { fullAt, at }: Taking): QuotaState {
  return quotaState(bucket.quota, bucket, fullAt, at);
}

function neverEnough(records: number, { capacity }: QuotaBucket): ProblemError {
  const detail = `The request has ${records} records; the account may bring ${capacity} at once. Send fewer at a time, or upload them as a file, which waits for its turn.`;
  return new ProblemError('payload_too_large', detail, { limitRecords: capacity });
}

function notNow(records: number, bucket: QuotaBucket, taking: Taking): QuotaProblem {
  const seconds = Math.max(1, secondsToWait(bucket, records, taking));
  const detail = `The request has ${records} records and the account has ${taking.remaining} left; ${bucket.perMinute} come back a minute. Try again in ${seconds} s, or upload them as a file, which waits for its turn.`;
  return new QuotaProblem(stateOf(bucket, taking), seconds, detail);
}
