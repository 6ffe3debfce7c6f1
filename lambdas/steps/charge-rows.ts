import type { BulkAction, ChargedRecords } from '../model/action.ts';
import { type AccountLimits, recordBucket } from '../model/quota.ts';
import type { AccountStore } from '../store/account-store.ts';
import { type QuotaBucket, type QuotaStore, secondsToWait } from '../store/quota-store.ts';

/** What came of charging an action's rows to its account. */
export interface RowCharge {
  /** All that is charged by now; absent when nothing had to be charged any more. */
  readonly charged?: ChargedRecords;
  /** 0 when all rows are charged; else how long the rest takes to come back, whatever others take meanwhile. */
  readonly waitSeconds: number;
  /** What the account may do, as far as it was looked up. */
  readonly limits?: AccountLimits;
}

/**
 * Charges the rows of actions to their accounts' quotas of records. What there is, is taken, and the rest is waited for:
 * so a sheet that is larger than the bucket gets through little by little, smaller ones get theirs in between, and the
 * bucket never goes into debt. A function that is killed between the charge and its note charges once more: accounts may
 * get less than their limit, never more.
 */
export class RowCharger {
  private readonly accounts: AccountStore;
  private readonly quotas: QuotaStore;
  private readonly defaults: AccountLimits;

  constructor({ accounts, quotas }: { accounts: AccountStore; quotas: QuotaStore }, defaults: AccountLimits) {
    this.accounts = accounts;
    this.quotas = quotas;
    this.defaults = defaults;
  }

  /** Charges what is not charged yet of `rows`. */
  async charge(action: Pick<BulkAction, 'accountId' | 'run' | 'charged'>, rows: number): Promise<RowCharge> {
    const { accountId, run, charged } = action;
    const before = charged?.run === run ? charged.records : 0;
    if (before >= rows) return { waitSeconds: 0 };
    const limits = { ...this.defaults, ...(await this.accounts.find(accountId))?.limits };
    const bucket: QuotaBucket = { accountId, quota: 'records', ...recordBucket(limits) };
    const taking = await this.quotas.takeUpTo(bucket, rows - before);
    const records = before + taking.taken;
    const waitSeconds = records < rows ? Math.max(1, secondsToWait(bucket, rows - records, taking)) : 0;
    return { charged: { run, records, at: taking.at }, waitSeconds, limits };
  }
}
