import type { BulkAction } from '../model/action.ts';
import type { BatchMessage } from '../model/batch-message.ts';
import { cancelTimes, type WatchTimes } from '../model/cancellation.ts';
import type { WriteBounds } from '../model/write-bounds.ts';
import type { ActionStore } from '../store/action-store.ts';

/** The batch's action was cancelled, or ended, while the batch was under way. */
export class ActionOverError extends Error {
  override readonly name = 'ActionOverError';
}

/** Nobody could say for too long whether the action was cancelled. The batch comes again. */
export class LeaseError extends Error {
  override readonly name = 'LeaseError';
}

type Actions = Pick<ActionStore, 'find'>;
type Batch = Pick<BatchMessage, 'accountId' | 'actionId' | 'run'>;

/**
 * Keeps an eye on a batch's action while the batch is under way, so that a cancelled action stops writing within a
 * bounded time (`cancelTimes` has the reckoning). Most batches are done before the first look.
 */
export class BatchWatch implements Disposable {
  readonly action: BulkAction;
  private readonly actions: Actions;
  private readonly batch: Batch;
  private readonly times: WatchTimes;
  /** Fires when the action is over. */
  private readonly over = new AbortController();
  /** Fires when the last good look is too long ago. */
  private readonly lease = new AbortController();
  private nextLook: NodeJS.Timeout | undefined;
  private leaseEnd: NodeJS.Timeout | undefined;
  private lookError: unknown;

  private constructor(actions: Actions, batch: Batch, action: BulkAction, times: WatchTimes) {
    this.actions = actions;
    this.batch = batch;
    this.action = action;
    this.times = times;
  }

  /** Undefined when the action has ended, is being cancelled or is in a later run: the batch has nothing to do. */
  static async open(actions: Actions, batch: Batch, times: WatchTimes = cancelTimes): Promise<BatchWatch | undefined> {
    const lookedAt = performance.now();
    const action = await actions.find(batch.accountId, batch.actionId);
    if (!isUnderWay(action, batch)) return undefined;
    const watch = new BatchWatch(actions, batch, action, times);
    watch.renew(lookedAt);
    return watch;
  }

  /** True once the action is known to be over. */
  get isOver(): boolean {
    return this.over.signal.aborted;
  }

  /** What the batch may write, together with the time that its function has. */
  within(signal?: AbortSignal): WriteBounds {
    return {
      stop: this.over.signal,
      signal: signal ? AbortSignal.any([this.lease.signal, signal]) : this.lease.signal,
    };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.nextLook);
    clearTimeout(this.leaseEnd);
  }

  private renew(lookedAt: number): void {
    const { lookMs, leaseMs } = this.times;
    clearTimeout(this.leaseEnd);
    this.leaseEnd = setTimeout(() => this.expire(), lookedAt + leaseMs - performance.now());
    this.nextLook = setTimeout(() => void this.look(), lookMs);
  }

  private async look(): Promise<void> {
    const lookedAt = performance.now();
    try {
      const action = await this.actions.find(this.batch.accountId, this.batch.actionId);
      if (isUnderWay(action, this.batch)) this.renew(lookedAt);
      else this.over.abort(new ActionOverError('The action is over.'));
    } catch (error) {
      // The lease runs on, and ends the batch unless a later look succeeds.
      this.lookError = error;
      this.nextLook = setTimeout(() => void this.look(), this.times.lookMs);
    }
  }

  private expire(): void {
    const options = this.lookError === undefined ? {} : { cause: this.lookError };
    this.lease.abort(new LeaseError('Whether the action was cancelled could not be seen.', options));
  }
}

function isUnderWay(action: BulkAction | undefined, { run }: Batch): action is BulkAction {
  return action?.status === 'processing' && action.run === run && action.cancelRequestedAt === undefined;
}
