import { z } from 'zod';

const seconds = z.number().min(0);

/** How values lie: half of them are at most `p50`, 95 of 100 at most `p95`. */
export const spreadSchema = z
  .object({ p50: seconds, p95: seconds, max: seconds })
  .meta({ id: 'Spread', description: 'Seconds: half are at most `p50`, 95 of 100 at most `p95`, all at most `max`.' });
export type Spread = z.infer<typeof spreadSchema>;

/** How long an action's batches took, and how long they lay in the queue before. Seconds. */
export interface BatchTimes {
  readonly work: Spread;
  readonly wait: Spread;
}

/** What was measured of batches, each in milliseconds. */
export interface BatchMilliseconds {
  readonly work: readonly number[];
  readonly wait: readonly number[];
}

/** The times of batches; undefined when none was measured. */
export function batchTimesOf({ work, wait }: BatchMilliseconds): BatchTimes | undefined {
  if (work.length === 0) return undefined;
  return { work: spreadOf(work), wait: spreadOf(wait) };
}

/** The spread of at least one value, milliseconds, as seconds. By nearest rank, so each figure is one that occurred. */
function spreadOf(milliseconds: readonly number[]): Spread {
  const sorted = Float64Array.from(milliseconds).sort();
  const rank = (share: number) => (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) / 1_000;
  return { p50: rank(0.5), p95: rank(0.95), max: rank(1) };
}

/** What a batch that came through came to. */
export interface MeasuredBatch {
  readonly rows: number;
  readonly failed: number;
  /** From the start of its last delivery to its answer. */
  readonly workMs: number;
  /** From its dispatch to that start; absent when nobody knows. */
  readonly waitMs?: number;
}
