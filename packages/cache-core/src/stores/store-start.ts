import { abortable, deadlineSignal, type Clock } from '@perf/core';
import type { CacheStore } from '../contracts/cache-store.ts';
import { StoreUnavailableError } from '../errors.ts';

/** How long a store's start is waited for, in milliseconds. */
const LONGEST_START = 10_000;

/** Waits until a store that starts can be called. That is no call's time, but it is bounded. */
export class StoreStart {
  readonly #store: CacheStore;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  /** One wait for all calls. */
  #started: Promise<void> | undefined;

  constructor(store: CacheStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * `undefined` when the store can be called now. Else it rejects with what the store's start failed with,
   * when that takes too long, and when it is {@link stop stopped}.
   */
  wait(): Promise<void> | undefined {
    if (this.#started !== undefined) return this.#started;
    // Asked once for all who wait: a promise that nobody waits for would reject unhandled.
    const starting = this.#store.starting?.();
    if (starting === undefined) return undefined;
    this.#started = this.#bounded(starting).finally(() => {
      this.#started = undefined;
    });
    return this.#started;
  }

  stop(): void {
    this.#stopped.abort(new StoreUnavailableError(this.#store.name, 'close'));
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
