import type { ServiceLimits } from '../../model/service-configuration.ts';
import type { Clock } from './clock.ts';
import type { LimitState } from './limit-state.ts';

/** Leave to call. Whoever is not admitted comes again later instead of holding a worker that others need. */
export type Admission =
  | { readonly admitted: true; leave(): Promise<void> }
  | { readonly admitted: false; readonly retryAfterSeconds: number };

/** The door to one service: callers of this process stand in line, and the line is as long as `maxWaitMs`. */
export class ServiceLimiter {
  readonly #service: string;
  readonly #limits: ServiceLimits;
  readonly #leaseMs: number;
  readonly #state: LimitState;
  readonly #clock: Clock;
  readonly #line: ((admitted: boolean) => void)[] = [];
  #places: number;

  /** `leaseMs`: how long a call may take at most. */
  constructor(service: string, limits: ServiceLimits, leaseMs: number, state: LimitState, clock: Clock) {
    this.#service = service;
    this.#limits = limits;
    this.#leaseMs = leaseMs;
    this.#state = state;
    this.#clock = clock;
    this.#places = limits.concurrency;
  }

  /** Waits for a turn. Rejects with the signal's reason when it fires first. */
  async enter(signal: AbortSignal): Promise<Admission> {
    const deadline = this.#clock.now() + this.#limits.maxWaitMs;
    if (!(await this.#takePlace(signal))) return { admitted: false, retryAfterSeconds: 1 };
    try {
      const admission = await this.#admit(deadline, signal);
      if (!admission.admitted) this.#freePlace();
      return admission;
    } catch (error) {
      this.#freePlace();
      throw error;
    }
  }

  /** Keeps everybody away from the service for a while. */
  async pause(seconds: number): Promise<void> {
    await this.#state.pause(this.#service, this.#clock.now() + seconds * 1_000);
  }

  async #admit(deadline: number, signal: AbortSignal): Promise<Admission> {
    for (;;) {
      const now = this.#clock.now();
      const maxWaitMs = Math.max(0, deadline - now);
      const grant = await this.#state.admit(this.#service, this.#limits, { now, maxWaitMs, leaseMs: this.#leaseMs });
      if (grant.granted) return this.#goAfter(grant.waitMs, grant.lease, signal);
      if (grant.retryAfterMs > maxWaitMs) {
        return { admitted: false, retryAfterSeconds: Math.ceil(grant.retryAfterMs / 1_000) };
      }
      await this.#clock.sleep(grant.retryAfterMs, signal);
    }
  }

  async #goAfter(waitMs: number, lease: string, signal: AbortSignal): Promise<Admission> {
    const release = () => this.#state.release(this.#service, lease);
    try {
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
    } catch (error) {
      await release();
      throw error;
    }
    const leave = async () => {
      this.#freePlace();
      await release();
    };
    return { admitted: true, leave };
  }

  /** First come, first served; false when the wait was too long. */
  async #takePlace(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (this.#places > 0) {
      this.#places--;
      return true;
    }
    const turn = Promise.withResolvers<boolean>();
    this.#line.push(turn.resolve);
    const answered = new AbortController();
    const giveUp = () => this.#giveUp(turn.resolve);
    const tooLong = this.#clock
      .sleep(this.#limits.maxWaitMs, AbortSignal.any([signal, answered.signal]))
      .then(giveUp, giveUp);
    const admitted = await turn.promise;
    answered.abort();
    await tooLong;
    if (admitted && signal.aborted) this.#freePlace();
    signal.throwIfAborted();
    return admitted;
  }

  #giveUp(turn: (admitted: boolean) => void): void {
    const index = this.#line.indexOf(turn);
    if (index >= 0) this.#line.splice(index, 1);
    turn(false);
  }

  #freePlace(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#places++;
    else next(true);
  }
}
