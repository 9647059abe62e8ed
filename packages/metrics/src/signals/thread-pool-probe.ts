import { stat } from 'node:fs';
import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import type { Clock } from '@perf/core';

/**
 * How long the thread pool of libuv lets wait: the time of a trivial file operation, which files, DNS look-ups, compression and
 * cryptography have to wait for alike. Time in which the event loop was busy does not count, as the answer may have lain there: so it
 * is a lower bound, and a blocked loop is not taken for a full pool.
 */
export class ThreadPoolProbe {
  readonly #clock: Clock;
  #since: number | undefined;
  #loopThen: EventLoopUtilization | undefined;
  #last = Number.NaN;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts another operation, unless one is under way. @returns milliseconds that the last one took, or has taken so far if that is longer */
  probe(): number {
    if (this.#since !== undefined) return Math.max(this.#elapsed(this.#since), this.#last || 0);
    this.#since = this.#clock.now();
    this.#loopThen = performance.eventLoopUtilization();
    const since = this.#since;
    stat('/', () => {
      this.#last = this.#elapsed(since);
      this.#since = undefined;
    });
    return this.#last;
  }

  #elapsed(since: number): number {
    const { active } = performance.eventLoopUtilization(this.#loopThen);
    return Math.max(this.#clock.now() - since - active, 0);
  }
}
