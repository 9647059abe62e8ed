import type { Clock } from '@perf/core';

/** A service that works on some calls at once; the others queue within it, in order, without bound. */
export class SimulatedService {
  readonly #clock: Clock;
  readonly #workTime: () => number;
  readonly #queue: (() => void)[] = [];
  #queued = 0;
  #idle: number;

  /** @param workTime milliseconds that the next call is worked on */
  constructor(clock: Clock, workers: number, workTime: () => number) {
    this.#clock = clock;
    this.#idle = workers;
    this.#workTime = workTime;
  }

  /** Resolves when the call has been worked on. */
  call(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#idle > 0) this.#work(resolve);
      else this.#queue.push(resolve);
    });
  }

  #work(resolve: () => void): void {
    this.#idle--;
    this.#clock.setTimer(() => {
      this.#idle++;
      resolve();
      const next = this.#queue[this.#queued];
      if (next === undefined) return;
      this.#queued++;
      this.#work(next);
    }, this.#workTime());
  }
}
