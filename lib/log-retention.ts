import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StageSettings } from '../lambdas/model/settings.ts';

/** CloudWatch keeps logs for certain numbers of days only: the next longer one, so that none goes too early. */
export function logRetention({ logRetentionDays }: StageSettings): RetentionDays {
  const offered = Object.values(RetentionDays).filter((days): days is RetentionDays => typeof days === 'number');
  return offered.sort((a, b) => a - b).find((days) => days >= logRetentionDays) ?? RetentionDays.INFINITE;
}
