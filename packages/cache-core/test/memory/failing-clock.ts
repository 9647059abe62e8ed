import { ManualClock } from '@perf/core/testing';
import type { Clock, Timer } from '@perf/core';

/** A clock whose readings and timers fail at a call that can be chosen. */
export class FailingClock implements Clock {
  readonly #clock = new ManualClock();
  #offset = 0;
  #left = Infinity;

  /** The call after so many others throws, and those behind it too; `Infinity` for none. */
  failAfter(calls: number): void {
    this.#left = calls;
  }

  /** Time goes on, or back. */
  move(milliseconds: number): void {
    this.#offset += milliseconds;
  }

  now(): number {
    this.#count();
    return this.#clock.now() + this.#offset;
  }

  coarse(): number {
    this.#count();
    return this.#clock.coarse() + this.#offset;
  }

  epoch(): number {
    return this.#clock.epoch();
  }

  setTimer(callback: () => void, delay: number): Timer {
    this.#count();
    return this.#clock.setTimer(callback, delay);
  }

  #count(): void {
    if (this.#left-- <= 0) throw new Error('the clock fails');
  }
}
