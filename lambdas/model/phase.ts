import { type BulkAction, hasEnded } from './action.ts';

/** What a run goes through, in this order. */
export const phases = ['waiting', 'validating', 'processing', 'mapping', 'reporting'] as const;
export type Phase = (typeof phases)[number];

/** One phase of a run; without `finishedAt` it lasts. Times are ISO 8601 UTC. */
export interface PhaseTimes {
  readonly phase: Phase;
  readonly startedAt: string;
  readonly finishedAt?: string;
}

type Timed = Pick<
  BulkAction,
  | 'status'
  | 'run'
  | 'createdAt'
  | 'claimedAt'
  | 'movement'
  | 'settledAt'
  | 'mappingAt'
  | 'mappedAt'
  | 'finishedAt'
  | 'updatedAt'
>;

/**
 * The phases that the action's current run has gone through or is in. A run that broke off goes straight from where it
 * was to its report, so each phase lasts until the next that was reached.
 */
export function phasesOf(action: Timed): PhaseTimes[] {
  const starts: [Phase, string | undefined][] = [
    // When a later run was asked for is told by the log; here it begins with its turn.
    ['waiting', action.run === 0 ? action.createdAt : undefined],
    ['validating', action.claimedAt],
    ['processing', action.movement?.dispatchedAt],
    ['mapping', action.mappingAt],
    ['reporting', action.mappedAt ?? (action.mappingAt === undefined ? action.settledAt : undefined)],
  ];
  const reached = starts.filter((start): start is [Phase, string] => start[1] !== undefined);
  const end = hasEnded(action) ? (action.finishedAt ?? action.updatedAt) : undefined;
  return reached.map(([phase, startedAt], index) => {
    const finishedAt = reached[index + 1]?.[1] ?? end;
    return { phase, startedAt, ...(finishedAt !== undefined && { finishedAt }) };
  });
}
