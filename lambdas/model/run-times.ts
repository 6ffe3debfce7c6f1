/**
 * How far a run had come, and when: ISO 8601 UTC. Each is set along with what its step records anyway, so that an
 * action's log and its phases cost no write of their own.
 */
export interface RunTimes {
  /** The run got its turn: reference and process were its own. */
  readonly claimedAt?: string;
  /** The sheet was read to its end. Only a first run stages. */
  readonly stagedAt?: string;
  /** There was no room in the account's quota; and when there was. */
  readonly quotaWaitAt?: string;
  readonly quotaTakenAt?: string;
  /** All batches, or those of the first level, were in the queue. */
  readonly sentAt?: string;
  /** Every row had its answer. */
  readonly settledAt?: string;
  readonly mappingAt?: string;
  readonly mappedAt?: string;
}

/** What belongs to one run; the sheet stays staged for all of them. */
const ownTimes = [
  'claimedAt',
  'quotaWaitAt',
  'quotaTakenAt',
  'sentAt',
  'settledAt',
  'mappingAt',
  'mappedAt',
] as const satisfies (keyof RunTimes)[];

/** The times of a run, and how long its batches took, as attributes that the next run has to forget. */
export const runAttributes = [...ownTimes, 'batchTimes'] as const;

/** `value` as it is for the next run, which has not come anywhere yet. */
export function withoutRun<Value extends object>(value: Value): Omit<Value, (typeof runAttributes)[number]> {
  const kept = Object.entries(value).filter(([name]) => !(runAttributes as readonly string[]).includes(name));
  return Object.fromEntries(kept) as Omit<Value, (typeof runAttributes)[number]>;
}
