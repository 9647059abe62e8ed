import type { Clock, Timer } from '@perf/core';

/** What a {@link Sweeper} drives. */
export interface Sweepable {
  /** Whether there is anything that can expire. */
  needed(): boolean;
  /** Looks through some slots from the given one on; returns where to go on, or 0 at the end. */
  slice(from: number): number;
}

/**
 * Runs a pass over a cache every `interval`, in short slices with the event loop in between, while
 * there is something that can expire.
 */
export class Sweeper {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #target: Sweepable;
  #timer: Timer | undefined;
  #next = 0;
  #closed = false;

  constructor(clock: Clock, interval: number, target: Sweepable) {
    this.#clock = clock;
    this.#interval = interval;
    this.#target = target;
  }

  /** Something that can expire has come. */
  wake(): void {
    if (this.#timer === undefined && !this.#closed) this.#schedule(this.#interval);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(delay: number): void {
    this.#timer = this.#clock.setTimer(this.#run, delay);
  }

  // A clock that fails is told to whoever uses the cache; here it must not end the process, nor the sweeping.
  readonly #run = (): void => {
    try {
      this.#next = this.#target.slice(this.#next);
    } catch {
      this.#next = 0;
    }
    this.#timer = undefined;
    if (this.#closed) return;
    try {
      if (this.#next !== 0) this.#schedule(0);
      else if (this.#target.needed()) this.#schedule(this.#interval);
    } catch {
      // Without a timer, what has expired leaves when it is met.
    }
  };
}
