import { ConfigError, systemClock, type Clock, type Timer, type TimerOptions } from '@perf/core';

/**
 * A clock that was handed in, around which the cache may be in the middle of a change when it asks for
 * the time: while it answers, the cache refuses to be used.
 */
export class GuardedClock implements Clock {
  readonly #clock: Clock;
  readonly #bar: (barred: boolean) => void;
  #last = 0;
  #isStill = false;
  /** Whether the clock is being asked. */
  reading = false;

  /** @param bar shuts the cache off, and opens it again */
  constructor(clock: Clock, bar: (barred: boolean) => void) {
    this.#clock = clock;
    this.#bar = bar;
  }

  coarse(): number {
    if (!this.#isStill) this.#last = this.#read(() => this.#clock.coarse());
    return this.#last;
  }

  now(): number {
    return this.#read(() => this.#clock.now());
  }

  epoch(): number {
    return this.#read(() => this.#clock.epoch());
  }

  setTimer(callback: () => void, delay: number, options?: TimerOptions): Timer {
    return this.#clock.setTimer(callback, delay, options);
  }

  /** Runs with the last coarse reading standing still, so that no reading can fail. */
  still<Result>(run: () => Result): Result {
    const outer = this.#isStill;
    this.#isStill = true;
    try {
      return run();
    } finally {
      this.#isStill = outer;
    }
  }

  /** @throws `ConfigError` while the clock is being asked */
  assertIdle(): void {
    if (this.reading) {
      throw new ConfigError('clock', this.#clock, 'a Clock that does not use the cache it serves');
    }
  }

  #read(read: () => number): number {
    this.assertIdle();
    this.reading = true;
    this.#bar(true);
    try {
      return read();
    } finally {
      this.reading = false;
      this.#bar(false);
    }
  }
}

/** The clock of the system neither fails nor uses caches: it is not guarded. */
export function guardClock(clock: Clock, bar: (barred: boolean) => void): GuardedClock | undefined {
  return clock === systemClock ? undefined : new GuardedClock(clock, bar);
}
