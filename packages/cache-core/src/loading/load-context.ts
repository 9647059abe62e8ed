import { ConfigError, toMilliseconds, type Duration } from '@perf/core';
import { checkTags } from '../keys/check-tag.ts';
import type { EntryTerms } from '../entries/entry-terms.ts';
import type { LocalEntry } from '../local/local-entry.ts';

/** What a loader may say about the entry of one key. */
export interface EntryContext<V> {
  readonly key: string;
  /** The value being replaced, when one that is stale, or kept for failing loads, is at hand. */
  readonly previous: V | undefined;
  /** Replaces the TTL of this entry. @throws ConfigError */
  readonly setTtl: (ttl: Duration) => void;
  /** Adds tags to this entry, to what the call gave. @throws ConfigError */
  readonly tag: (...tags: readonly string[]) => void;
  /** The value is returned to the callers but not stored. */
  readonly skip: () => void;
  /**
   * There is nothing under the key: what the loader returns, such as `null`, is stored for `ttl`, and is
   * not served once that is over.
   * @param ttl default: the cache's `negativeTtl`, or the entry's TTL if that is shorter. @throws ConfigError
   */
  readonly negative: (ttl?: Duration) => void;
  /**
   * {@link previous} still holds: it is stored with new times, and keeps its tags.
   * @returns it, to be returned. @throws ConfigError when there is none
   */
  readonly unchanged: () => V;
}

/** What a loader is handed. */
export interface LoadContext<V> extends EntryContext<V> {
  /** Aborts at the hard timeout and when the cache closes. Hand it to what the loader calls. */
  readonly signal: AbortSignal;
}

/** Returns the value, or a promise of it; `undefined` is handed on but not stored, `null` is stored. */
export type Loader<V> = (context: LoadContext<V>) => V | PromiseLike<V>;

/** What {@link LoadInstructions} begin with. */
export interface LoadSettings<V> extends EntryTerms {
  readonly key: string;
  /** The entry at hand. */
  readonly previous: LocalEntry<V> | undefined;
  /** Milliseconds. */
  readonly negativeTtl: number;
  readonly onTag: (tags: readonly string[]) => void;
}

/** What a loader said about an entry. */
export class LoadInstructions<V> {
  /** The loader's face of these instructions. */
  readonly context: EntryContext<V>;
  skipped = false;
  readonly #settings: LoadSettings<V>;
  #ttl: number;
  #tags: readonly string[];
  #negative: { readonly ttl: number | undefined } | undefined;
  #isUnchanged = false;

  constructor(settings: LoadSettings<V>) {
    const { key, previous, ttl, tags, onTag } = settings;
    this.#settings = settings;
    this.#ttl = ttl;
    this.#tags = tags;
    this.context = {
      key,
      previous: previous?.value,
      setTtl: (given) => {
        this.#ttl = toMilliseconds('ttl', given, { infinite: true });
      },
      tag: (...more) => {
        this.#tags = checkTags([...this.#tags, ...more]);
        onTag(this.#tags);
      },
      skip: () => {
        this.skipped = true;
      },
      negative: (given) => {
        this.#negative = {
          ttl: given === undefined ? given : toMilliseconds('ttl', given, { infinite: true }),
        };
      },
      unchanged: () => {
        if (previous === undefined) {
          throw new ConfigError(
            'unchanged',
            undefined,
            'called only when there is a previous value',
          );
        }
        this.#isUnchanged = true;
        this.context.tag(...previous.tags);
        return previous.value;
      },
    };
  }

  /** What is to be stored for what the loader returned. @throws ConfigError for a negative result of `undefined` */
  settle(returned: V): { readonly value: V; readonly terms: EntryTerms } {
    const { previous, negativeTtl } = this.#settings;
    const kept = this.#isUnchanged ? previous : undefined;
    const value = kept === undefined ? returned : kept.value;
    const negative = this.#negative !== undefined || kept?.negative === true;
    if (this.#negative !== undefined && value === undefined) {
      throw new ConfigError(
        'load',
        value,
        'a loader that returns null, or another value, for a negative result',
      );
    }
    const ttl = negative ? (this.#negative?.ttl ?? Math.min(negativeTtl, this.#ttl)) : this.#ttl;
    return { value, terms: { ttl, tags: this.#tags, negative } };
  }
}
