import { abortable, deadlineSignal, TimeoutError } from '@perf/core';
import { LoadTimeoutError } from '../errors.ts';
import type { CacheContext } from '../context/cache-context.ts';
import { LoadLimiter, type LoadPlace } from './load-limiter.ts';
import type { Waiters } from './waiters.ts';

/** Calls loaders: each in its turn and within its time, and counted. */
export class LoadRunner {
  readonly #context: Omit<CacheContext<unknown>, 'local'>;
  readonly #limiter: LoadLimiter;

  constructor(context: Omit<CacheContext<unknown>, 'local'>) {
    this.#context = context;
    const { clock, options, lifecycle } = context;
    this.#limiter = new LoadLimiter({
      clock,
      limit: options.loadConcurrency,
      maxWaiting: options.loadQueue,
      grace: options.hardTimeout,
    });
    const { signal } = lifecycle;
    signal.addEventListener('abort', () => this.#limiter.close(signal.reason as Error), {
      once: true,
    });
  }

  /**
   * What the loader returns. Its time begins with its turn: a load does not fail because others came
   * before it. Rejects with {@link LoadTimeoutError}, for the first key, when that is over.
   * @param waiters who waits for it, for each key
   * @param board called at the turn: the keys that are still to be loaded; without any, the loader is not called
   */
  run<T>(
    waiters: readonly Waiters[],
    board: () => readonly string[],
    load: (signal: AbortSignal, keys: readonly string[]) => T | PromiseLike<T>,
  ): Promise<T | undefined> {
    return this.#limiter.run(waiters, (place) => {
      const keys = board();
      return keys.length === 0 ? undefined : this.#call(keys, load, place);
    });
  }

  async #call<T>(
    keys: readonly string[],
    load: (signal: AbortSignal, keys: readonly string[]) => T | PromiseLike<T>,
    place: LoadPlace,
  ): Promise<T> {
    const { clock, options, lifecycle, counters } = this.#context;
    const { signal, release } = deadlineSignal(
      clock,
      'load',
      options.hardTimeout,
      lifecycle.signal,
    );
    const began = clock.now();
    counters.loads += keys.length;
    let outcome: 'loaded' | 'failed' | 'timeout' = 'failed';
    try {
      const loading = Promise.resolve(load(signal, keys));
      // One that ignores its signal still burdens what it loads from.
      signal.addEventListener('abort', () => place.keepUntil(loading), { once: true });
      const value = await abortable(loading, signal);
      outcome = 'loaded';
      return value;
    } catch (error) {
      counters.loadErrors += keys.length;
      if (signal.aborted && signal.reason === error && error instanceof TimeoutError) {
        outcome = 'timeout';
        throw new LoadTimeoutError(keys[0] ?? '', options.hardTimeout, { cause: error });
      }
      throw error;
    } finally {
      release();
      this.#count(keys, clock.now() - began, outcome);
    }
  }

  #count(
    keys: readonly string[],
    duration: number,
    outcome: 'loaded' | 'failed' | 'timeout',
  ): void {
    const { options, counters, events, loadTimes } = this.#context;
    if (outcome === 'loaded') loadTimes.add(duration);
    counters.loadMs += duration * keys.length;
    counters.loadMsMax = Math.max(counters.loadMsMax, duration);
    for (const key of keys) events.emit('load', { cache: options.name, key, duration, outcome });
  }
}
