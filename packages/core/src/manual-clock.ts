import type { Clock, Timer, TimerOptions } from './clock.ts';
import { checkNumber } from './options.ts';

interface ManualTimer extends Timer {
  readonly due: number;
  readonly callback: () => void;
  keepsAlive: boolean;
}

/**
 * A clock that stands still until it is advanced. Timers run inside {@link advance}, in the order in
 * which they are due.
 */
export class ManualClock implements Clock {
  #now: number;
  #epochOffset: number;
  readonly #timers = new Set<ManualTimer>();

  /** @param epoch what {@link epoch} says at the start, in milliseconds since 1970 */
  constructor(epoch = 1_700_000_000_000) {
    this.#now = 0;
    this.#epochOffset = epoch;
  }

  /** How many timers are waiting. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** How many of them would keep a process alive. */
  get keepAliveTimers(): number {
    let count = 0;
    for (const timer of this.#timers) if (timer.keepsAlive) count++;
    return count;
  }

  now(): number {
    return this.#now;
  }

  coarse(): number {
    return Math.floor(this.#now);
  }

  epoch(): number {
    return Math.floor(this.#epochOffset + this.#now);
  }

  /** Sets the wall clock forwards or backwards; monotonic time and timers do not notice. */
  setEpoch(epoch: number): void {
    this.#epochOffset = epoch - this.#now;
  }

  setTimer(callback: () => void, delay: number, { keepAlive = false }: TimerOptions = {}): Timer {
    const timer: ManualTimer = {
      due: this.#now + Math.max(0, delay),
      callback,
      keepsAlive: keepAlive,
      cancel: () => {
        this.#timers.delete(timer);
      },
      keepAlive: (on) => {
        timer.keepsAlive = on;
      },
    };
    this.#timers.add(timer);
    return timer;
  }

  /**
   * Moves time forward by `milliseconds` and runs the timers that come due, synchronously.
   * @throws {@link ConfigError} when it is not a finite number of at least 0
   */
  advance(milliseconds: number): void {
    const target = this.#targetOf(milliseconds);
    for (let next = this.#next(target); next !== undefined; next = this.#next(target))
      this.#run(next);
    this.#reach(target);
  }

  /**
   * As {@link advance}, but lets promises settle before, between and after the timers, so that timers
   * set by what they woke run too.
   */
  async advanceAsync(milliseconds: number): Promise<void> {
    const target = this.#targetOf(milliseconds);
    await settle();
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) {
      this.#run(next);
      await settle();
    }
    this.#reach(target);
    await settle();
  }

  #targetOf(milliseconds: number): number {
    return this.#now + checkNumber('milliseconds', milliseconds, 0, Number.MAX_VALUE);
  }

  /** Never back: a timer may itself have advanced the clock. */
  #reach(time: number): void {
    this.#now = Math.max(this.#now, time);
  }

  #next(target: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= target && (next === undefined || timer.due < next.due)) next = timer;
    }
    return next;
  }

  #run(timer: ManualTimer): void {
    this.#timers.delete(timer);
    this.#reach(timer.due);
    timer.callback();
  }
}

/** Lets pending promise callbacks and immediates run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      setImmediate(resolve);
    });
  });
}
