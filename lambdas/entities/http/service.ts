import type { ServiceConfiguration } from '../../model/service-configuration.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { ConnectionGuard, type ResolveHost } from './connection-guard.ts';
import { Credentials, type ReadSecret } from './credentials.ts';
import { type LimitState, MemoryLimitState } from './limit-state.ts';
import { Redactor } from './redactor.ts';
import { ServiceLimiter } from './service-limiter.ts';
import { ServiceSession } from './service-session.ts';

/** What a service needs from its surroundings. */
export interface ServiceSurroundings {
  readonly readSecret: ReadSecret;
  /** Shared by all who call the service; this process alone by default. */
  readonly limitState?: LimitState;
  readonly clock?: Clock;
  readonly resolveHost?: ResolveHost;
}

/** A service outside, for as long as this process lives: its limits and its credential outlast a batch. */
export class OutsideService {
  readonly configuration: ServiceConfiguration;
  readonly #guard: ConnectionGuard;
  readonly #limiter: ServiceLimiter;
  readonly #credentials: Credentials;
  readonly #redactor = new Redactor();
  readonly #clock: Clock;

  constructor(configuration: ServiceConfiguration, surroundings: ServiceSurroundings) {
    const { name, limits, timeouts, auth, allowPrivate } = configuration;
    const { clock = systemClock, limitState = new MemoryLimitState(), readSecret, resolveHost } = surroundings;
    this.configuration = configuration;
    this.#clock = clock;
    this.#guard = new ConnectionGuard(allowPrivate, resolveHost);
    // A call may be sent twice, when its token was refused the first time.
    this.#limiter = new ServiceLimiter(name, limits, 2 * timeouts.totalMs, limitState, clock);
    this.#credentials = new Credentials(auth, readSecret, this.#redactor, clock);
  }

  /** Connections for one batch; nothing sent through them outlives the signal. */
  open(signal: AbortSignal = new AbortController().signal): ServiceSession {
    return new ServiceSession({
      configuration: this.configuration,
      guard: this.#guard,
      limiter: this.#limiter,
      credentials: this.#credentials,
      redactor: this.#redactor,
      clock: this.#clock,
      signal,
    });
  }
}
