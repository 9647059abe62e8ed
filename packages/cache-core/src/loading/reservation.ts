import { ConfigError, createDeferred } from '@perf/core';
import { checkTerms, type WriteOptions } from '../entries/entry-terms.ts';
import type { LoadContext } from './load-context.ts';

/** What a loader returns for a key that is given up: who waits starts over. */
export const RELEASED: unique symbol = Symbol('released');

/**
 * The load of a key that its owner does by itself: who asks for the key meanwhile waits for it, and
 * whatever changes the key, or the hard load timeout, makes {@link fill} store nothing.
 */
export class Reservation<V> {
  readonly state = 'miss' as const;
  readonly value: undefined;
  /** The value being replaced, when one that is kept for failing loads is at hand. */
  readonly previous: V | undefined;
  /** Aborts at the hard load timeout and when the cache closes: a fill comes too late then. */
  readonly signal: AbortSignal;
  readonly #context: LoadContext<V>;
  readonly #filled = createDeferred<V | typeof RELEASED>();
  readonly #ended = createDeferred<boolean>();
  #isOver = false;

  constructor(context: LoadContext<V>) {
    this.#context = context;
    this.previous = context.previous;
    this.signal = context.signal;
  }

  /**
   * Stores the value under the key and hands it to who waits.
   * @returns `discarded` when the key was changed since, the time was over, or it was filled or released
   * before: then nothing is stored. @throws ConfigError for `undefined` and for options that are not right
   */
  async fill(value: V, options: WriteOptions = {}): Promise<'stored' | 'discarded'> {
    if (value === undefined) {
      throw new ConfigError('value', value, 'anything but undefined; release the key instead');
    }
    const { ttl, tags } = options;
    checkTerms('write', options, 1);
    if (this.#isOver) return 'discarded';
    if (ttl !== undefined) this.#context.setTtl(ttl);
    if (tags !== undefined) this.#context.tag(...tags);
    this.#isOver = true;
    this.#filled.resolve(value);
    return (await this.#ended.promise) ? 'stored' : 'discarded';
  }

  /** Gives the key up: who waits for it loads by itself. Idempotent, and harmless after a fill. */
  async release(): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#filled.resolve(RELEASED);
    }
    await this.#ended.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** What the load waits for. */
  get filled(): Promise<V | typeof RELEASED> {
    return this.#filled.promise;
  }

  /** The load is over. */
  end(stored: boolean): void {
    this.#isOver = true;
    this.#ended.resolve(stored);
  }
}
