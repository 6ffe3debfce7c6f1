import type { StageSettings } from '../lambdas/model/settings.ts';

/** What functions are told of the limits that accounts have where they have none of their own. */
export function defaultLimits({ requestsPerMinute, recordsPerMinute, burstRecords }: StageSettings) {
  return {
    REQUESTS_PER_MINUTE: String(requestsPerMinute),
    RECORDS_PER_MINUTE: String(recordsPerMinute),
    BURST_RECORDS: String(burstRecords),
  };
}
