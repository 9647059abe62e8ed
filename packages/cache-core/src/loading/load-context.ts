import { toMilliseconds, type Duration } from '@perf/core';
import { checkTags } from '../keys/check-tag.ts';

/** What a loader is handed. */
export interface LoadContext<V> {
  readonly key: string;
  /** Aborts at the hard timeout and when the cache closes. Hand it to what the loader calls. */
  readonly signal: AbortSignal;
  /** The value being replaced, when a stale one is at hand. */
  readonly previous: V | undefined;
  /** Replaces the TTL of this entry. @throws ConfigError */
  readonly setTtl: (ttl: Duration) => void;
  /** Adds tags to this entry, to what the call gave. @throws ConfigError */
  readonly tag: (...tags: readonly string[]) => void;
  /** The value is returned to the callers but not stored. */
  readonly skip: () => void;
}

/** Returns the value, or a promise of it; `undefined` is handed on but not stored, `null` is stored. */
export type Loader<V> = (context: LoadContext<V>) => V | PromiseLike<V>;

/** What a loader said about its entry through its context. */
export class LoadInstructions {
  tags: readonly string[];
  ttl: number;
  skipped = false;

  constructor(ttl: number, tags: readonly string[]) {
    this.ttl = ttl;
    this.tags = tags;
  }

  /** The loader's face of these instructions. */
  contextFor<V>(
    key: string,
    signal: AbortSignal,
    previous: V | undefined,
    onTag: () => void,
  ): LoadContext<V> {
    return {
      key,
      signal,
      previous,
      setTtl: (ttl) => {
        this.ttl = toMilliseconds('ttl', ttl, { infinite: true });
      },
      tag: (...tags) => {
        this.tags = checkTags([...this.tags, ...tags]);
        onTag();
      },
      skip: () => {
        this.skipped = true;
      },
    };
  }
}
