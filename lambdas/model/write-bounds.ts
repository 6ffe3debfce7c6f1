/** Bulk writes that one function has under way at a time, unless the stage says otherwise. */
export const defaultBulkWriteCalls = 8;

/** Until when something may be written. */
export interface WriteBounds {
  /** Fires when nothing more may be begun; what is under way may come to its end, until `signal` fires. */
  readonly stop?: AbortSignal;
  /** Fires when there is no time left; no call may outlive it. */
  readonly signal?: AbortSignal;
}
