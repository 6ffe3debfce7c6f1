import { randomUUID } from 'node:crypto';
import type { ServiceLimits } from '../../model/service-configuration.ts';
import type { ServicePlace, ServicePlaces } from '../../store/service-places.ts';
import type { Ask, Grant, LeaseId, LimitState } from './limit-state.ts';

/** When to ask again for a place that all have been faster to take. */
const placeRetryMs = 100;

/**
 * The limits of all functions together. A service has as many places as it may be sent calls at a time; each place has
 * its share of the rate. So one conditional write decides about both, and no two functions ever wait for one counter.
 */
export class SharedLimitState implements LimitState {
  readonly #places: ServicePlaces;

  constructor(places: ServicePlaces) {
    this.#places = places;
  }

  async admit(service: string, limits: ServiceLimits, ask: Ask): Promise<Grant> {
    const { places, pausedUntil } = await this.#places.read(service);
    if (pausedUntil > ask.now) return { granted: false, retryAfterMs: pausedUntil - ask.now };
    const place = soonestOf(freePlaces(places, limits, ask.now));
    if (place === undefined) return { granted: false, retryAfterMs: placeRetryMs };
    const interval = (limits.concurrency * 1_000) / limits.ratePerSecond;
    const burst = Math.max(1, Math.floor(limits.burst / limits.concurrency));
    const waitMs = Math.max(0, place.flow - (burst - 1) * interval - ask.now);
    if (waitMs > ask.maxWaitMs) return { granted: false, retryAfterMs: waitMs };
    const taken = {
      index: place.index,
      lease: randomUUID(),
      until: ask.now + waitMs + ask.leaseMs,
      flow: Math.max(place.flow, ask.now) + interval,
    };
    // Somebody was faster: there are other places, and it is worth looking again at once.
    if (!(await this.#places.take(service, place, taken))) return { granted: false, retryAfterMs: 10 * Math.random() };
    return { granted: true, waitMs, lease: `${place.index}:${taken.lease}` };
  }

  async release(service: string, lease: LeaseId): Promise<void> {
    const [index, own = ''] = lease.split(':');
    await this.#places.free(service, Number(index), own);
  }

  async pause(service: string, until: number): Promise<void> {
    const { pausedUntil } = await this.#places.read(service);
    if (until > pausedUntil) await this.#places.pause(service, until);
  }
}

function freePlaces(known: readonly ServicePlace[], { concurrency }: ServiceLimits, now: number): ServicePlace[] {
  const byIndex = new Map(known.map((place) => [place.index, place]));
  const all = Array.from({ length: concurrency }, (_, index) => byIndex.get(index) ?? { index, until: 0, flow: 0 });
  return all.filter(({ lease, until }) => lease === undefined || until <= now);
}

/** The place whose next call is due first; of several equal ones any, so that those who ask at once part. */
function soonestOf(places: readonly ServicePlace[]): ServicePlace | undefined {
  const soonest = Math.min(...places.map(({ flow }) => flow));
  const due = places.filter(({ flow }) => flow === soonest);
  return due[Math.floor(Math.random() * due.length)];
}
