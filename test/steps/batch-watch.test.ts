import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { BatchWatch } from '../../lambdas/steps/batch-watch.ts';
import { runStatements } from '../../lambdas/store/statements.ts';
import { newAction } from '../support/actions.ts';

const times = { lookMs: 20, leaseMs: 400 };
const nextLook = () => vi.advanceTimersByTimeAsync(times.lookMs);

// The machine may be as slow as it likes.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An action as the control table would show it, for a test to change; `fail` makes the looks fail. */
class Shown {
  action: BulkAction | undefined = newAction({ status: 'processing' });
  looks = 0;
  fail = false;

  async find(): Promise<BulkAction | undefined> {
    this.looks += 1;
    if (this.fail) throw new Error('The table is out of reach.');
    return this.action;
  }

  open(): Promise<BatchWatch | undefined> {
    return BatchWatch.open(this, this.action as BulkAction, times);
  }
}

describe('GIVEN a batch under way', () => {
  it.each<[string, Partial<BulkAction>]>([
    ['was cancelled', { cancelRequestedAt: '2026-01-01T00:00:00.000Z' }],
    ['has ended', { status: 'completed' }],
    ['runs anew', { run: 1 }],
  ])('WHEN its action %s THEN nothing more is begun', async (_, change) => {
    const shown = new Shown();
    using watch = (await shown.open()) as BatchWatch;
    const { stop, signal } = watch.within();
    await nextLook();
    expect(watch.isOver).toBe(false);
    shown.action = { ...(shown.action as BulkAction), ...change };
    await nextLook();
    expect(stop?.reason).toMatchObject({ name: 'ActionOverError' });
    expect(watch.isOver).toBe(true);
    // What is under way may come to its end, until the lease of the last good look is over.
    await vi.advanceTimersByTimeAsync(times.leaseMs - times.lookMs - 1);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal?.reason).toMatchObject({ name: 'LeaseError' });
  });

  it('WHEN nobody can say whether it was cancelled THEN its lease ends, with the reason', async () => {
    const shown = new Shown();
    using watch = (await shown.open()) as BatchWatch;
    const { signal } = watch.within();
    shown.fail = true;
    await vi.advanceTimersByTimeAsync(times.leaseMs - 1);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal?.reason).toMatchObject({ name: 'LeaseError', cause: { message: 'The table is out of reach.' } });
    expect(watch.isOver).toBe(false);
  });

  it('WHEN its action goes on THEN so may the batch, for longer than a lease', async () => {
    const shown = new Shown();
    using watch = (await shown.open()) as BatchWatch;
    const { signal } = watch.within();
    await vi.advanceTimersByTimeAsync(2 * times.leaseMs);
    expect(shown.looks).toBe(1 + (2 * times.leaseMs) / times.lookMs);
    expect(signal?.aborted).toBe(false);
  });

  it('WHEN it is done THEN nobody looks any more', async () => {
    const shown = new Shown();
    {
      using _watch = await shown.open();
    }
    const { looks } = shown;
    await vi.advanceTimersByTimeAsync(5 * times.lookMs);
    expect(shown.looks).toBe(looks);
  });
});

describe('GIVEN a batch that begins', () => {
  it.each<[string, Partial<BulkAction> | undefined]>([
    ['is being cancelled', { cancelRequestedAt: '2026-01-01T00:00:00.000Z' }],
    ['has ended', { status: 'cancelled' }],
    ['is gone', undefined],
  ])('WHEN its action %s THEN it has nothing to do', async (_, change) => {
    const shown = new Shown();
    const batch = shown.action as BulkAction;
    shown.action = change && { ...batch, ...change };
    expect(await BatchWatch.open(shown, batch, times)).toBeUndefined();
  });
});

describe('GIVEN statements that are to be stopped', () => {
  it('WHEN the stop has fired THEN no call is begun', async () => {
    const client = { send: () => Promise.reject(new Error('A call was made.')) };
    const stop = AbortSignal.abort(new Error('Stopped.'));
    const statements = [{ Statement: 'x', Parameters: [] }];
    await expect(runStatements(client as never, statements, { stop })).rejects.toThrow('Stopped.');
  });
});
