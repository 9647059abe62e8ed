import { abortable, deadlineSignal, type Clock } from '@perf/core';
import type { CacheStore } from '../../contracts/cache-store.ts';
import { StoreUnavailableError } from '../../errors.ts';

/** How long a store's start is waited for, in milliseconds. */
const LONGEST_START = 10_000;
/** How many calls wait for it at most. */
const MOST_WAITING = 10_000;

/** Waits until a store that starts can be called. That is no call's time, but it is bounded. */
export class StoreStart {
  readonly #store: CacheStore;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  /** One wait for all calls. */
  #started: Promise<void> | undefined;
  #since = 0;
  #waiting = 0;

  constructor(store: CacheStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * `undefined` when the store can be called now. Else it rejects with what the store's start failed with,
   * when that takes too long, and when it is {@link stop stopped}. Resolves to an error when it is not waited
   * for any longer, or by no more calls, and to `'too late'` when it has been waited for long enough before.
   * @param patience how long after the start has begun it is waited for, in milliseconds
   */
  wait(patience: number = Infinity): Promise<Error | 'started' | 'too late'> | undefined {
    if (this.#started === undefined) {
      // Asked once for all who wait: a promise that nobody waits for would reject unhandled.
      let starting: Promise<void> | undefined;
      try {
        starting = this.#store.starting?.();
      } catch (error) {
        return Promise.reject(error);
      }
      if (starting === undefined) return undefined;
      this.#since = this.#clock.now();
      this.#started = this.#bounded(starting).finally(() => {
        this.#started = undefined;
      });
    }
    return this.#patiently(this.#started, patience);
  }

  stop(): void {
    this.#stopped.abort(new StoreUnavailableError(this.#store.name, 'close'));
  }

  async #patiently(
    started: Promise<void>,
    patience: number,
  ): Promise<Error | 'started' | 'too late'> {
    const left = this.#since + patience - this.#clock.now();
    const what = `waiting for the start of store "${this.#store.name}" (storeTimeout)`;
    if (left <= 0) return 'too late';
    if (this.#waiting >= MOST_WAITING) {
      return new Error(`more than ${MOST_WAITING} calls wait already`);
    }
    const deadline =
      left === Infinity ? undefined : deadlineSignal(this.#clock, what, Math.ceil(left));
    this.#waiting++;
    try {
      await abortable(started, deadline?.signal);
      return 'started';
    } catch (error) {
      if (deadline?.signal.aborted === true) return deadline.signal.reason as Error;
      throw error;
    } finally {
      deadline?.release();
      this.#waiting--;
    }
  }

  async #bounded(starting: Promise<void>): Promise<void> {
    const what = `the start of store "${this.#store.name}"`;
    const deadline = deadlineSignal(this.#clock, what, LONGEST_START, this.#stopped.signal);
    try {
      await abortable(starting, deadline.signal);
    } finally {
      deadline.release();
    }
  }
}
