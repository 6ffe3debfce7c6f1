import type { BatchMilliseconds } from '../model/batch-times.ts';

/** What a batch has answered; written once all its rows have. */
export interface BatchMarker {
  readonly batch: number;
  readonly created: number;
  /** Absent where rows only ever create. */
  readonly updated?: number;
  readonly deleted?: number;
  readonly failed: number;
  /** From the start of the last delivery to its end; absent where the batch never came through. */
  readonly workMs?: number;
  /** From the dispatch to that start. */
  readonly waitMs?: number;
}

/** Sums over an action's batches so far. */
export interface BatchProgress {
  readonly done: number;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly failed: number;
  /** Of each batch that was measured. */
  readonly milliseconds: BatchMilliseconds;
}

/** Runs whose batches are remembered: of the largest, ten million rows, each takes 1.6 MB. */
const runsKept = 20;

/**
 * Remembers, run by run, what the first batches came to, up to the first that has not answered. A batch answers once, so
 * whoever asks again and again how far a run is reads only what has come since, and not a hundred thousand markers.
 */
export class AnsweredBatches {
  private readonly known = new Map<string, BatchTally>();

  /** What a look at a run's batches up to `last` can begin with. */
  of(run: string, last: number): BatchTally {
    const tally = this.known.get(run);
    return tally && tally.upTo <= last ? tally.beginning() : new BatchTally();
  }

  keep(run: string, tally: BatchTally): void {
    this.known.delete(run);
    this.known.set(run, tally);
    const [oldest] = this.known.keys();
    if (this.known.size > runsKept && oldest !== undefined) this.known.delete(oldest);
  }
}

/** Adds up a run's batches, told in the order of their numbers. */
export class BatchTally {
  private readonly first: Sum;
  private readonly beyond = new Sum();
  private number: number;

  constructor(first = new Sum(), upTo = 0) {
    this.first = first;
    this.number = upTo;
  }

  /** All batches up to this number have answered. */
  get upTo(): number {
    return this.number;
  }

  get progress(): BatchProgress {
    return this.first.plus(this.beyond);
  }

  /** The batches up to `upTo`, for another look. */
  beginning(): BatchTally {
    return new BatchTally(this.first.plus(new Sum()), this.number);
  }

  add(number: number, marker: BatchMarker): void {
    const follows = number === this.number + 1;
    if (follows) this.number = number;
    (follows ? this.first : this.beyond).add(marker);
  }
}

class Sum implements BatchProgress {
  done = 0;
  created = 0;
  updated = 0;
  deleted = 0;
  failed = 0;
  readonly milliseconds: { readonly work: number[]; readonly wait: number[] };

  constructor(milliseconds: Sum['milliseconds'] = { work: [], wait: [] }) {
    this.milliseconds = milliseconds;
  }

  add({ created, updated = 0, deleted = 0, failed, workMs, waitMs = 0 }: BatchMarker): void {
    this.done += 1;
    this.created += created;
    this.updated += updated;
    this.deleted += deleted;
    this.failed += failed;
    if (workMs === undefined) return;
    this.milliseconds.work.push(workMs);
    this.milliseconds.wait.push(waitMs);
  }

  plus({ milliseconds: { work, wait }, ...counts }: Sum): Sum {
    const own = this.milliseconds;
    // No spread into a call: there may be a hundred thousand of them.
    const sum = new Sum({ work: own.work.concat(work), wait: own.wait.concat(wait) });
    for (const name of ['done', 'created', 'updated', 'deleted', 'failed'] as const) {
      sum[name] = this[name] + counts[name];
    }
    return sum;
  }
}
