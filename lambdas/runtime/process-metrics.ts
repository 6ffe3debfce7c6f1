import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Counts } from '../model/action.ts';
import type { MeasuredBatch } from '../model/batch-times.ts';
import type { FunctionName } from '../model/environments.ts';
import { rowAnswers } from '../model/row.ts';

/** Whose work is measured. */
export interface Measured {
  readonly accountId: string;
  readonly processName: string;
}

/** What became of a delivery. */
export interface BatchEnd {
  readonly kind: string;
  readonly measured?: MeasuredBatch;
}

/** An action that has ended, as far as it is measured. */
export interface MeasuredEnd extends Measured {
  readonly status: string;
  readonly counts: Counts;
  /** From its start to its end; absent when it never started. */
  readonly seconds?: number;
}

/**
 * What functions measure by process and, where the stage wants it, by account: CloudWatch takes $0.30 a month for each
 * combination that occurs. Written as EMF log lines, a few hundred bytes an invocation; nothing is measured per row.
 */
export class ProcessMetrics {
  private readonly name: FunctionName;
  private readonly byAccount: boolean;
  private readonly open = new Map<string, Metrics>();

  constructor(name: FunctionName, byAccount: boolean) {
    this.name = name;
    this.byAccount = byAccount;
  }

  /** Does the work of an invocation, then writes what was counted in it, however it ended. */
  async around<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } finally {
      this.publish();
    }
  }

  /** Counts a batch if it came through; `receiveCount`: how often it was delivered until then. */
  addBatch(owner: Measured, { measured }: BatchEnd, receiveCount: number): void {
    if (!measured) return;
    const { rows, workMs, waitMs } = measured;
    const metrics = this.of(owner);
    metrics.addMetric('BatchRows', MetricUnit.Count, rows);
    metrics.addMetric('BatchMilliseconds', MetricUnit.Milliseconds, workMs);
    if (waitMs !== undefined) metrics.addMetric('BatchQueueMilliseconds', MetricUnit.Milliseconds, waitMs);
    if (receiveCount > 1) metrics.addMetric('BatchRetries', MetricUnit.Count, receiveCount - 1);
  }

  addDeadLetter(measured: Measured): void {
    this.of(measured).addMetric('DeadLetters', MetricUnit.Count, 1);
  }

  addEnd(end: MeasuredEnd): void {
    const { counts, seconds, status } = end;
    const metrics = this.of(end);
    metrics.addMetric('ActionsEnded', MetricUnit.Count, 1);
    if (status === 'failed') metrics.addMetric('ActionsFailed', MetricUnit.Count, 1);
    for (const answer of rowAnswers) {
      if (counts[answer] === 0) continue;
      metrics.addMetric(`Rows${answer.charAt(0).toUpperCase()}${answer.slice(1)}`, MetricUnit.Count, counts[answer]);
    }
    if (seconds === undefined) return;
    metrics.addMetric('ActionSeconds', MetricUnit.Seconds, seconds);
    if (seconds > 0 && counts.rows > 0)
      metrics.addMetric('RowsPerSecond', MetricUnit.CountPerSecond, counts.rows / seconds);
  }

  private publish(): void {
    for (const metrics of this.open.values()) metrics.publishStoredMetrics();
    this.open.clear();
  }

  private of({ accountId, processName }: Measured): Metrics {
    const key = `${accountId}/${processName}`;
    const metrics = this.open.get(key) ?? new Metrics({ functionName: this.name });
    if (this.open.has(key)) return metrics;
    this.open.set(key, metrics);
    // Each set of dimensions has the default ones; the first has no others.
    metrics.setDefaultDimensions({ process: processName }).addDimensions({});
    if (this.byAccount) metrics.addDimensions({ account: accountId });
    return metrics;
  }
}
