import type { BulkAction } from '../model/action.ts';
import type { RunTimes } from '../model/run-times.ts';
import { actionKey } from './action-store.ts';
import type { ControlTable, ItemKey } from './control-table.ts';

/** What is kept of an ended run when the next one takes its place. */
export interface EarlierRun
  extends RunTimes,
    Pick<BulkAction, 'run' | 'status' | 'counts' | 'finishedAt' | 'cancelRequestedAt' | 'problem' | 'mapping'> {
  readonly batches: number;
  /** When it was known what there was to do, ISO 8601 UTC. */
  readonly identifiedAt?: string | undefined;
  /** When the next run was asked for, ISO 8601 UTC. */
  readonly retriedAt: string;
}

/** Runs that retries followed, in the control table: PK as the action's, SK `RUN#number`. */
export class EarlierRuns {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** Keeps what the log tells of an ended run. Twice is once. */
  async keep(ended: BulkAction): Promise<void> {
    const { run, status, counts, problem, mapping, finishedAt, cancelRequestedAt } = ended;
    const { claimedAt, stagedAt, quotaWaitAt, quotaTakenAt, sentAt, settledAt, mappingAt, mappedAt } = ended;
    const kept: EarlierRun = {
      run,
      status,
      counts,
      problem,
      mapping,
      finishedAt,
      cancelRequestedAt,
      claimedAt,
      stagedAt,
      quotaWaitAt,
      quotaTakenAt,
      sentAt,
      settledAt,
      mappingAt,
      mappedAt,
      batches: ended.batches.total,
      identifiedAt: ended.movement?.dispatchedAt,
      retriedAt: new Date().toISOString(),
    };
    const { pk } = actionKey(ended.accountId, ended.actionId);
    await this.control.create({ pk, sk: `${prefix}${String(run).padStart(6, '0')}`, ...kept });
  }

  /** The action's runs before its present one, in order. The present one was kept too if a retry came to nothing. */
  async before(action: Pick<BulkAction, 'accountId' | 'actionId' | 'run'>): Promise<EarlierRun[]> {
    const { accountId, actionId, run } = action;
    const runs: EarlierRun[] = [];
    for await (const items of this.control.list<EarlierRun & ItemKey>(actionKey(accountId, actionId).pk, prefix)) {
      runs.push(...items.filter((kept) => kept.run < run));
    }
    return runs;
  }
}

const prefix = 'RUN#';
