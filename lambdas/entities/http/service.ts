import type { ServiceConfiguration } from '../../model/service-configuration.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { ConnectionGuard, type ResolveHost } from './connection-guard.ts';
import { Credentials, type ReadSecret } from './credentials.ts';
import { Exchanger } from './exchange.ts';
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

/**
 * Connections that nobody used for this long are not used again: most services close theirs after 5 seconds or more,
 * and while a function is frozen between two batches nobody notices.
 */
const idleMs = 2_000;

/** A service outside, for as long as this process lives: its limits and its credential outlast a batch. */
export class OutsideService {
  readonly configuration: ServiceConfiguration;
  readonly #guard: ConnectionGuard;
  readonly #limiter: ServiceLimiter;
  readonly #credentials: Credentials;
  readonly #redactor = new Redactor();
  readonly #clock: Clock;
  #exchanger: Exchanger;
  #sessions = 0;
  #lastUse = 0;

  constructor(configuration: ServiceConfiguration, surroundings: ServiceSurroundings) {
    const { name, limits, timeouts, auth, allowPrivate } = configuration;
    const { clock = systemClock, limitState = new MemoryLimitState(), readSecret, resolveHost } = surroundings;
    this.configuration = configuration;
    this.#clock = clock;
    this.#guard = new ConnectionGuard(allowPrivate, resolveHost);
    this.#exchanger = new Exchanger(this.#guard, configuration);
    // A call may be sent twice, when its token was refused the first time.
    this.#limiter = new ServiceLimiter(name, limits, 2 * timeouts.totalMs, limitState, clock);
    this.#credentials = new Credentials(auth, readSecret, this.#redactor, clock);
  }

  /** The calls of one batch; nothing sent through the session outlives the signal, and nothing is begun after `stop`. */
  open(
    signal: AbortSignal = new AbortController().signal,
    stop: AbortSignal = new AbortController().signal,
  ): ServiceSession {
    this.#dropStaleConnections();
    this.#sessions++;
    return new ServiceSession({
      configuration: this.configuration,
      exchanger: this.#exchanger,
      limiter: this.#limiter,
      credentials: this.#credentials,
      redactor: this.#redactor,
      clock: this.#clock,
      signal,
      stop,
      close: () => this.#close(),
    });
  }

  #close(): void {
    this.#sessions--;
    this.#lastUse = this.#clock.now();
  }

  #dropStaleConnections(): void {
    if (this.#sessions > 0 || this.#clock.now() - this.#lastUse <= idleMs) return;
    this.#exchanger[Symbol.dispose]();
    this.#exchanger = new Exchanger(this.#guard, this.configuration);
  }
}
