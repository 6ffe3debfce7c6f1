import type { AccountLimits } from '../model/quota.ts';

/** The stage's limits of accounts, from a function's environment. */
export function defaultLimits(environment: {
  REQUESTS_PER_MINUTE: number;
  RECORDS_PER_MINUTE: number;
  BURST_RECORDS: number;
}): AccountLimits {
  const { REQUESTS_PER_MINUTE, RECORDS_PER_MINUTE, BURST_RECORDS } = environment;
  return {
    requestsPerMinute: REQUESTS_PER_MINUTE,
    recordsPerMinute: RECORDS_PER_MINUTE,
    burstRecords: BURST_RECORDS,
  };
}
