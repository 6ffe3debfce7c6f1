import { describe, expect, it } from 'vitest';
import { MemoryLimitState } from '../../../lambdas/entities/http/limit-state.ts';
import { type Admission, ServiceLimiter } from '../../../lambdas/entities/http/service-limiter.ts';
import { TestClock } from '../../support/test-clock.ts';

const open = new AbortController().signal;
const limits = { ratePerSecond: 10, burst: 2, concurrency: 3, maxWaitMs: 1_000 };

function limiter(more: Partial<typeof limits> = {}, shared = new MemoryLimitState(), clock = new TestClock()) {
  return { clock, door: new ServiceLimiter('depot', { ...limits, ...more }, 60_000, shared, clock) };
}

/** Callers that come at once, each with the moment at which it was let in; null for one sent away. */
async function crowd(door: ServiceLimiter, clock: TestClock, count: number, stay = 0): Promise<(number | null)[]> {
  const visit = async () => {
    const admission = await door.enter(open);
    if (!admission.admitted) return null;
    const entered = clock.now();
    if (stay > 0) await clock.sleep(stay);
    await admission.leave();
    return entered;
  };
  return clock.run(Promise.all(Array.from({ length: count }, visit)));
}

describe('rate', () => {
  it('lets a burst in at once and then one at a time', async () => {
    const { door, clock } = limiter({ concurrency: 100 });
    expect(await crowd(door, clock, 6)).toEqual([0, 0, 100, 200, 300, 400]);
  });

  it('sends away who would wait too long, without using up what others may have', async () => {
    const { door, clock } = limiter({ concurrency: 100, maxWaitMs: 250 });
    expect(await crowd(door, clock, 6)).toEqual([0, 0, 100, 200, null, null]);
    await clock.run(clock.sleep(300));
    expect(await crowd(door, clock, 2)).toEqual([500, 500]);
  });
});

describe('concurrency', () => {
  it('keeps the line in order and holds it to its places', async () => {
    const { door, clock } = limiter({ ratePerSecond: 1_000_000, burst: 1_000 });
    expect(await crowd(door, clock, 7, 50)).toEqual([0, 0, 0, 50, 50, 50, 100]);
  });

  it('sends away who stood in line too long', async () => {
    const { door, clock } = limiter({ ratePerSecond: 1_000_000, burst: 1_000, concurrency: 1, maxWaitMs: 120 });
    expect(await crowd(door, clock, 4, 50)).toEqual([0, 50, 100, null]);
  });

  it('gives a place back when who waits for it goes away', async () => {
    const { door, clock } = limiter({ ratePerSecond: 1_000_000, burst: 1_000, concurrency: 1 });
    const first = (await door.enter(open)) as Admission & { admitted: true };
    const leaving = new AbortController();
    const second = door.enter(leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    await first.leave();
    expect((await clock.run(door.enter(open))).admitted).toBe(true);
  });

  it('holds all processes that share a state to one limit', async () => {
    const shared = new MemoryLimitState();
    const clock = new TestClock();
    const here = limiter({ concurrency: 1, ratePerSecond: 1_000_000 }, shared, clock).door;
    const there = limiter({ concurrency: 1, ratePerSecond: 1_000_000 }, shared, clock).door;
    const first = (await here.enter(open)) as Admission & { admitted: true };
    const other = there.enter(open);
    await clock.run(clock.sleep(450));
    await first.leave();
    expect((await clock.run(other)).admitted).toBe(true);
    expect(clock.now()).toBe(500);
  });

  it('takes back the place of a caller that died', async () => {
    const shared = new MemoryLimitState();
    const ask = { now: 0, maxWaitMs: 0, leaseMs: 1_000 };
    const one = { ...limits, concurrency: 1 };
    expect(await shared.admit('depot', one, ask)).toMatchObject({ granted: true });
    expect(await shared.admit('depot', one, { ...ask, now: 999 })).toMatchObject({ granted: false });
    expect(await shared.admit('depot', one, { ...ask, now: 1_000 })).toMatchObject({ granted: true });
  });
});

describe('pause', () => {
  it('lets nobody in before its end, and sends away who would wait too long', async () => {
    const { door, clock } = limiter({ maxWaitMs: 5_000 });
    await door.pause(3);
    expect(await crowd(door, clock, 2)).toEqual([3_000, 3_000]);
    await door.pause(60);
    expect(await door.enter(open)).toEqual({ admitted: false, retryAfterSeconds: 60 });
  });

  it('is not shortened by a later and shorter one', async () => {
    const { door } = limiter();
    await door.pause(60);
    await door.pause(5);
    expect(await door.enter(open)).toEqual({ admitted: false, retryAfterSeconds: 60 });
  });

  it('holds up nobody who calls another service', async () => {
    const shared = new MemoryLimitState();
    const { door, clock } = limiter({}, shared);
    await door.pause(60);
    const other = new ServiceLimiter('other', limits, 60_000, shared, clock);
    expect((await other.enter(open)).admitted).toBe(true);
  });
});
