import type { Clock } from '../../lambdas/entities/http/clock.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that starts at 0 and only moves while `run` waits for something: straight to the next one to wake. */
export class TestClock implements Clock {
  #now = 0;
  #sleepers: Sleeper[] = [];

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { until: this.#now + milliseconds, wake: resolve };
    const give = () => {
      this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
      reject(signal?.reason);
    };
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#sleepers.push(sleeper);
    signal?.addEventListener('abort', give, { once: true });
    return promise;
  }

  /** Moves time on until the work is done. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    for (;;) {
      // All that can happen without time passing happens first.
      await new Promise((resolve) => setImmediate(resolve));
      if (done) return work;
      this.#wakeNext();
    }
  }

  #wakeNext(): void {
    const next = this.#sleepers.toSorted((a, b) => a.until - b.until)[0];
    if (next === undefined) throw new Error('the work waits for something that is not time');
    this.#now = next.until;
    this.#sleepers = this.#sleepers.filter((one) => one !== next);
    next.wake();
  }
}
