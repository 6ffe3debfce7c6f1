import { ProblemError } from './problem.ts';
import type { QuotaState } from './quota.ts';

/** 429: an account's bucket does not hold what a request would take. Nothing was done. */
export class QuotaProblem extends ProblemError {
  readonly state: QuotaState;
  readonly retryAfterSeconds: number;

  constructor(state: QuotaState, retryAfterSeconds: number, detail: string) {
    const { quota, remaining } = state;
    super('too_many_requests', detail, { quota, remaining, retryAfterSeconds });
    this.state = state;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
