import { createDeferred, type Deferred } from '@perf/core';
import type { LoadContext } from './load-context.ts';
import type { LoadLimiter } from './load-limiter.ts';

/** What a bulk loader is handed beside the keys. */
export interface LoadManyContext {
  /** Aborts when every load in the batch has been given up. */
  readonly signal: AbortSignal;
}

/**
 * Loads many keys at once. Keys that the result does not have, or has as `undefined`, are absent and
 * not stored.
 */
export type ManyLoader<V> = (
  keys: readonly string[],
  context: LoadManyContext,
) => ReadonlyMap<string, V> | PromiseLike<ReadonlyMap<string, V>>;

interface Wanted<V> {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly value: Deferred<V>;
}

/**
 * Gathers the loads of one `getOrSetMany` that come within one turn of the event loop and calls its
 * loader once for them.
 */
export class BulkLoad<V> {
  readonly #load: ManyLoader<V>;
  readonly #limiter: LoadLimiter;
  #wanted: Wanted<V>[] = [];

  constructor(load: ManyLoader<V>, limiter: LoadLimiter) {
    this.#load = load;
    this.#limiter = limiter;
  }

  /** A loader for one of the keys. */
  readonly loadOne = ({ key, signal }: LoadContext<V>): Promise<V> => {
    const value = createDeferred<V>();
    this.#wanted.push({ key, signal, value });
    if (this.#wanted.length === 1) {
      setImmediate(() => {
        void this.#flush();
      });
    }
    return value.promise;
  };

  async #flush(): Promise<void> {
    const batch = this.#wanted;
    this.#wanted = [];
    const controller = new AbortController();
    let left = 0;
    for (const { signal } of batch) {
      if (signal.aborted) continue;
      left++;
      signal.addEventListener(
        'abort',
        () => {
          if (--left === 0) controller.abort(signal.reason);
        },
        { once: true },
      );
    }
    if (left === 0) controller.abort(batch[0]?.signal.reason);
    try {
      const keys = batch.map(({ key }) => key);
      const loaded = await this.#limiter.run(
        () => this.#load(keys, { signal: controller.signal }),
        controller.signal,
      );
      if (!(loaded instanceof Map)) {
        throw new TypeError('loadMany must return a Map of the values, by key');
      }
      for (const { key, value } of batch) value.resolve(loaded.get(key) as V);
    } catch (error) {
      for (const { value } of batch) value.reject(error);
    }
  }
}
