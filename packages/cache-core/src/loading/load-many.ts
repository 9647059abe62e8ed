import { ConfigError, createDeferred, type Deferred } from '@perf/core';
import { LoadTimeoutError } from '../errors.ts';
import type { EntryContext } from './load-context.ts';
import type { LoadRunner } from './load-runner.ts';
import { RELEASED } from './reservation.ts';
import type { Waiters } from './waiters.ts';

/** What a bulk loader is handed beside the keys. */
export interface LoadManyContext<V> {
  /** Aborts at the hard timeout and when the cache closes. */
  readonly signal: AbortSignal;
  /** What may be said about the entry of one of the keys. @throws ConfigError for another key */
  readonly of: (key: string) => EntryContext<V>;
}

/**
 * Loads many keys at once. Keys that the result does not have, or has as `undefined`, are absent and
 * not stored.
 */
export type ManyLoader<V> = (
  keys: readonly string[],
  context: LoadManyContext<V>,
) => ReadonlyMap<string, V> | PromiseLike<ReadonlyMap<string, V>>;

interface Wanted<V> {
  readonly context: EntryContext<V>;
  readonly waiters: Waiters;
  readonly board: () => boolean;
  readonly value: Deferred<V | typeof RELEASED>;
}

/**
 * Gathers the loads of one `getOrSetMany` that come within one turn of the event loop and calls its
 * loader once for them.
 */
export class BulkLoad<V> {
  readonly #load: ManyLoader<V>;
  readonly #runner: LoadRunner;
  #wanted: Wanted<V>[] = [];

  constructor(load: ManyLoader<V>, runner: LoadRunner) {
    this.#load = load;
    this.#runner = runner;
  }

  /**
   * The value of one of the keys; `undefined` where the loader has none.
   * @param board called at the turn of the load: whether the key is still to be loaded; else it is `RELEASED`
   */
  one(
    context: EntryContext<V>,
    waiters: Waiters,
    board: () => boolean,
  ): Promise<V | typeof RELEASED> {
    const value = createDeferred<V | typeof RELEASED>();
    this.#wanted.push({ context, waiters, board, value });
    if (this.#wanted.length === 1) {
      setImmediate(() => {
        void this.#flush();
      });
    }
    return value.promise;
  }

  async #flush(): Promise<void> {
    const batch = this.#wanted;
    this.#wanted = [];
    const contexts = new Map(batch.map(({ context }) => [context.key, context]));
    const of = (key: string): EntryContext<V> => {
      const context = contexts.get(key);
      if (context === undefined) throw new ConfigError('key', key, 'one of the keys to be loaded');
      return context;
    };
    const everyone = batch.map(({ waiters }) => waiters);
    const left = new Set(batch);
    const board = (): readonly string[] => {
      for (const one of batch) {
        if (one.board()) continue;
        left.delete(one);
        one.value.resolve(RELEASED);
      }
      return [...left].map(({ context }) => context.key);
    };
    try {
      const loaded = await this.#runner.run(everyone, board, async (signal, keys) => {
        const values = await this.#load(keys, { signal, of });
        if (values instanceof Map) return values as ReadonlyMap<string, V>;
        throw new TypeError('loadMany must return a Map of the values, by key');
      });
      for (const { context, value } of left) value.resolve(loaded?.get(context.key) as V);
    } catch (error) {
      for (const { context, value } of batch) value.reject(forKey(context.key, error));
    }
  }
}

/** Who waits for one key is told of that key. */
function forKey(key: string, error: unknown): unknown {
  if (!(error instanceof LoadTimeoutError) || error.key === key) return error;
  return new LoadTimeoutError(key, error.timeout, { cause: error.cause });
}
