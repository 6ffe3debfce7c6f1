import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../lambdas/entities/http/limit-state.ts';
import { SharedLimitState } from '../../lambdas/entities/http/shared-limit-state.ts';
import { serviceLimitsSchema } from '../../lambdas/model/service-configuration.ts';
import { ServicePlaces } from '../../lambdas/store/service-places.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const limitsOf = (own: object) => serviceLimitsSchema.parse({ ratePerSecond: 10_000, burst: 1_000, ...own });
/** Functions have nothing in common but the table. */
const newFunction = () => new SharedLimitState(new ServicePlaces(stores.control));
const ask = (now: number) => ({ now, maxWaitMs: 20_000, leaseMs: 60_000 });

describe('the limits of a service that several functions call', () => {
  it('GIVEN three places WHEN ten functions ask at once THEN three are let in, and one more for each that leaves', async () => {
    const service = randomUUID();
    const limits = limitsOf({ concurrency: 3 });
    const until = async (state: SharedLimitState, now: number) => {
      for (;;) {
        const grant = await state.admit(service, limits, ask(now));
        // A lost race says: at once again. A full house says: later.
        if (grant.granted || grant.retryAfterMs >= 100) return grant;
      }
    };
    const states = new Map<Grant | undefined, SharedLimitState>();
    const ten = Array.from({ length: 10 }, async () => {
      const state = newFunction();
      const grant = await until(state, 1_000);
      states.set(grant, state);
      return grant;
    });
    const grants = await Promise.all(ten);
    const granted = grants.filter((grant) => grant.granted);
    expect(granted).toHaveLength(3);
    await states.get(granted[0])?.release(service, granted[0]?.lease ?? '');
    expect(await until(newFunction(), 1_000)).toMatchObject({ granted: true });
    expect(await until(newFunction(), 1_000)).toMatchObject({ granted: false });
  });

  it('GIVEN a function that died in its place WHEN its lease is over THEN the place is free, and a late leave harms nobody', async () => {
    const service = randomUUID();
    const limits = limitsOf({ concurrency: 1 });
    const thought = newFunction();
    const dead = await thought.admit(service, limits, ask(1_000));
    expect(await newFunction().admit(service, limits, ask(62_000))).toMatchObject({ granted: false });
    expect(await newFunction().admit(service, limits, ask(63_000))).toMatchObject({ granted: true });
    await thought.release(service, dead.granted ? dead.lease : '');
    expect(await newFunction().admit(service, limits, ask(64_000))).toMatchObject({ granted: false });
  });

  it('GIVEN calls that wait in one function WHEN one leaves THEN the next has its place, and others after some time', async () => {
    const service = randomUUID();
    const limits = limitsOf({ concurrency: 1 });
    const busy = newFunction();
    const pass = async (now: number, held: Grant) => {
      const left = busy.release(service, held.granted ? held.lease : '');
      const next = await busy.admit(service, limits, ask(now));
      await left;
      return next;
    };
    const first = await busy.admit(service, limits, ask(1_000));
    const second = await pass(2_000, first);
    expect(second).toMatchObject({ granted: true, lease: first.granted ? first.lease : '' });
    expect(await newFunction().admit(service, limits, ask(2_500))).toMatchObject({ granted: false });
    // It has kept the place long enough: whoever is first gets it now.
    expect(await pass(3_500, second)).not.toMatchObject({ lease: first.granted ? first.lease : '' });
  });

  it('GIVEN a rate WHEN functions ask one after the other THEN they wait for it together', async () => {
    const service = randomUUID();
    const limits = limitsOf({ concurrency: 2, ratePerSecond: 10, burst: 2 });
    const waits: number[] = [];
    for (let call = 0; call < 6; call++) {
      const state = newFunction();
      const grant = await state.admit(service, limits, ask(1_000));
      if (!grant.granted) throw new Error('there is room');
      waits.push(grant.waitMs);
      await state.release(service, grant.lease);
    }
    expect(waits).toEqual([0, 0, 200, 200, 400, 400]);
  });

  it('GIVEN a wait longer than one is ready to wait WHEN asked THEN nothing is taken', async () => {
    const service = randomUUID();
    const limits = limitsOf({ concurrency: 1, ratePerSecond: 0.01, burst: 1 });
    const state = newFunction();
    const first = await state.admit(service, limits, ask(1_000));
    await state.release(service, first.granted ? first.lease : '');
    const refused = { granted: false, retryAfterMs: 100_000 };
    expect(await newFunction().admit(service, limits, ask(1_000))).toEqual(refused);
    expect(await newFunction().admit(service, limits, ask(1_000))).toEqual(refused);
  });

  it('GIVEN a service that asked to be left alone WHEN any function asks THEN not before, and never sooner again', async () => {
    const service = randomUUID();
    const limits = limitsOf({ concurrency: 1 });
    await newFunction().pause(service, 9_000);
    await newFunction().pause(service, 5_000);
    expect(await newFunction().admit(service, limits, ask(1_000))).toEqual({ granted: false, retryAfterMs: 8_000 });
    expect(await newFunction().admit(service, limits, ask(9_000))).toMatchObject({ granted: true });
  });
});
