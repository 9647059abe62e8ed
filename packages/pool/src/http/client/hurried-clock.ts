import type { Clock, Timer, TimerOptions } from '@perf/core';

/** A clock whose timers can all be had at once: when a pool closes, nobody has to sit out a wait between two tries. */
export class HurriedClock implements Clock {
  readonly #clock: Clock;
  readonly #waits = new Set<() => void>();
  #isHurried = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  coarse(): number {
    return this.#clock.coarse();
  }

  epoch(): number {
    return this.#clock.epoch();
  }

  setTimer(callback: () => void, delay: number, options?: TimerOptions): Timer {
    const run = (): void => {
      this.#waits.delete(run);
      timer.cancel();
      callback();
    };
    const timer = this.#clock.setTimer(run, this.#isHurried ? 0 : delay, options);
    this.#waits.add(run);
    return {
      cancel: () => {
        this.#waits.delete(run);
        timer.cancel();
      },
      keepAlive: (on) => {
        timer.keepAlive(on);
      },
    };
  }

  /** Runs all that wait, and lets nobody wait any more. */
  hurry(): void {
    this.#isHurried = true;
    for (const run of this.#waits) run();
  }
}
