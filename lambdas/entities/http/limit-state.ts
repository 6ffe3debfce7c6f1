import type { ServiceLimits } from '../../model/service-configuration.ts';

/** A place in a service's concurrency; given back by its id. */
export type LeaseId = string;

/** `granted`: go after `waitMs`. Else nothing was taken, and it is worth asking again after `retryAfterMs`. */
export type Grant =
  | { readonly granted: true; readonly waitMs: number; readonly lease: LeaseId }
  | { readonly granted: false; readonly retryAfterMs: number };

/** How much of a service may be used at the moment. All who share one state share the service's limits. */
export interface LimitState {
  /**
   * Takes a place and the next free moment, when that is at most `maxWaitMs` away. A lease that is not given back
   * ends by itself after `leaseMs`, so that a caller that died holds nothing.
   */
  admit(service: string, limits: ServiceLimits, ask: Ask): Promise<Grant>;
  release(service: string, lease: LeaseId): Promise<void>;
  /** Nobody is admitted before `until` (milliseconds since 1970); an earlier moment than the known one changes nothing. */
  pause(service: string, until: number): Promise<void>;
}

export interface Ask {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly maxWaitMs: number;
  readonly leaseMs: number;
}

/** When to ask again for a place; only a shared state runs out of places, its holders are elsewhere. */
const placeRetryMs = 100;

interface ServiceState {
  /** The moment of the last admission in a flow without bursts (generic cell rate algorithm). */
  flow: number;
  pausedUntil: number;
  readonly leases: Map<LeaseId, number>;
}

/** The limits of this process alone. */
export class MemoryLimitState implements LimitState {
  readonly #services = new Map<string, ServiceState>();
  #leases = 0;

  async admit(service: string, limits: ServiceLimits, ask: Ask): Promise<Grant> {
    const state = this.#stateOf(service);
    const retryAfterMs = this.#blockedFor(state, limits, ask);
    if (retryAfterMs > 0) return { granted: false, retryAfterMs };
    const interval = 1_000 / limits.ratePerSecond;
    const waitMs = Math.max(0, state.flow - (limits.burst - 1) * interval - ask.now);
    if (waitMs > ask.maxWaitMs) return { granted: false, retryAfterMs: waitMs };
    state.flow = Math.max(state.flow, ask.now) + interval;
    return { granted: true, waitMs, lease: this.#lease(state, ask.now + waitMs + ask.leaseMs) };
  }

  async release(service: string, lease: LeaseId): Promise<void> {
    this.#stateOf(service).leases.delete(lease);
  }

  async pause(service: string, until: number): Promise<void> {
    const state = this.#stateOf(service);
    state.pausedUntil = Math.max(state.pausedUntil, until);
  }

  #blockedFor(state: ServiceState, limits: ServiceLimits, { now }: Ask): number {
    for (const [lease, ends] of state.leases) if (ends <= now) state.leases.delete(lease);
    if (state.pausedUntil > now) return state.pausedUntil - now;
    return state.leases.size < limits.concurrency ? 0 : placeRetryMs;
  }

  #lease(state: ServiceState, ends: number): LeaseId {
    const lease = String(++this.#leases);
    state.leases.set(lease, ends);
    return lease;
  }

  #stateOf(service: string): ServiceState {
    const known = this.#services.get(service);
    if (known !== undefined) return known;
    const state: ServiceState = { flow: 0, pausedUntil: 0, leases: new Map() };
    this.#services.set(service, state);
    return state;
  }
}
