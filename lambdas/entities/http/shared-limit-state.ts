import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ServiceLimits } from '../../model/service-configuration.ts';
import type { ServicePlace, ServicePlaces } from '../../store/service-places.ts';
import type { Ask, Grant, LeaseId, LimitState } from './limit-state.ts';

/** When to ask again for a place that all have been faster to take. */
const placeRetryMs = 100;
/** So long a function may pass its place from one of its calls to the next, before others get a chance to take it. */
const keepMs = 2_000;

/** A place that this function has. */
interface HeldPlace extends Required<ServicePlace> {
  readonly service: string;
  readonly takenAt: number;
}

/**
 * The limits of all functions together. A service has as many places as it may be sent calls at a time; each place has
 * its share of the rate. So one conditional write decides about both, and no two functions ever wait for one counter.
 * Calls that wait in the same function pass a place on among themselves, which takes no write at all.
 */
export class SharedLimitState implements LimitState {
  readonly #places: ServicePlaces;
  readonly #held = new Map<LeaseId, HeldPlace>();
  /** Places between two calls of this function. */
  #passing: HeldPlace[] = [];
  readonly #pausedUntil = new Map<string, number>();

  constructor(places: ServicePlaces) {
    this.#places = places;
  }

  async admit(service: string, limits: ServiceLimits, ask: Ask): Promise<Grant> {
    const paused = this.#pausedUntil.get(service) ?? 0;
    if (paused > ask.now) return { granted: false, retryAfterMs: paused - ask.now };
    const passed = this.#takePassing(service, ask);
    return passed ? this.#goOn(passed, limits, ask) : this.#takeFree(service, limits, ask);
  }

  /** Whoever waits in this function gets the place within this turn of the event loop; else it is free for all. */
  async release(_service: string, lease: LeaseId): Promise<void> {
    const place = this.#held.get(lease);
    if (!place) return;
    this.#held.delete(lease);
    this.#passing.push(place);
    await setImmediate();
    if (!this.#passing.includes(place)) return;
    this.#passing = this.#passing.filter((other) => other !== place);
    await this.#places.free(place.service, place);
  }

  async pause(service: string, until: number): Promise<void> {
    this.#pausedUntil.set(service, Math.max(until, this.#pausedUntil.get(service) ?? 0));
    const { pausedUntil } = await this.#places.read(service);
    if (until > pausedUntil) await this.#places.pause(service, until);
  }

  #takePassing(service: string, { now }: Ask): HeldPlace | undefined {
    const place = this.#passing.find((one) => one.service === service && now < one.takenAt + keepMs);
    this.#passing = this.#passing.filter((other) => other !== place);
    return place;
  }

  async #goOn(place: HeldPlace, limits: ServiceLimits, ask: Ask): Promise<Grant> {
    const turn = turnOf(place, limits, ask);
    const lasts = ask.now + turn.waitMs + ask.leaseMs <= place.until;
    if (lasts && turn.waitMs <= ask.maxWaitMs) return this.#grant({ ...place, flow: turn.flow }, turn.waitMs);
    await this.#places.free(place.service, place);
    return this.#takeFree(place.service, limits, ask);
  }

  async #takeFree(service: string, limits: ServiceLimits, ask: Ask): Promise<Grant> {
    const { places, pausedUntil } = await this.#places.read(service);
    if (pausedUntil > ask.now) return { granted: false, retryAfterMs: pausedUntil - ask.now };
    const place = soonestOf(freePlaces(places, limits, ask.now));
    if (place === undefined) return { granted: false, retryAfterMs: placeRetryMs };
    const { waitMs, flow } = turnOf(place, limits, ask);
    if (waitMs > ask.maxWaitMs) return { granted: false, retryAfterMs: waitMs };
    const until = ask.now + waitMs + ask.leaseMs + keepMs;
    const taken = { service, index: place.index, lease: randomUUID(), until, flow, takenAt: ask.now };
    // Somebody was faster: there are other places, and it is worth looking again at once.
    if (!(await this.#places.take(service, place, taken))) return { granted: false, retryAfterMs: 10 * Math.random() };
    return this.#grant(taken, waitMs);
  }

  #grant(place: HeldPlace, waitMs: number): Grant {
    this.#held.set(place.lease, place);
    return { granted: true, waitMs, lease: place.lease };
  }
}

/** When a place's next call may go, and when the one after it (generic cell rate algorithm, by the place's share). */
function turnOf(place: ServicePlace, { concurrency, ratePerSecond, burst }: ServiceLimits, { now }: Ask) {
  const interval = (concurrency * 1_000) / ratePerSecond;
  const ownBurst = Math.max(1, Math.floor(burst / concurrency));
  const waitMs = Math.max(0, place.flow - (ownBurst - 1) * interval - now);
  return { waitMs, flow: Math.max(place.flow, now) + interval };
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
