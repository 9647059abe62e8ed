import type { MissReason } from '../errors.ts';

/** A value that a tier had. */
export interface CacheHit<V> {
  /** `stale`: past its TTL or softly invalidated, but still allowed to be served. */
  readonly state: 'hit' | 'stale';
  /** Why loading it failed, where `staleIfError` serves it in place of the loader's value. */
  readonly error?: unknown;
  readonly value: V;
  /** `'memory'`, or the name of the store that had it. */
  readonly tier: string;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  /** Milliseconds since 1970 when it stops being fresh; `Infinity` for never. */
  readonly expiresAt: number;
  /** Set where a loader said that there is nothing under the key (`negative`). */
  readonly negative?: true;
}

/** No tier had a value that may be served. */
export interface CacheMiss {
  readonly state: 'miss';
  readonly value: undefined;
  readonly reason: MissReason;
}

/** What `getResult` tells. */
export type CacheResult<V> = CacheHit<V> | CacheMiss;

/** What `getOrSetResult` tells: a hit, or a miss with what the loader returned. */
export type LoadResult<V> =
  | CacheHit<V>
  | {
      readonly state: 'miss';
      readonly value: V;
      readonly tier: 'loader';
      readonly storedAt: number;
      readonly expiresAt: number;
      readonly negative?: true;
    };

/** How a write ended. Writes never reject because a store is down. */
export interface Outcome {
  /** This process obeys it from the call on. */
  readonly local: true;
  /**
   * `applied`: every store has it. `queued`: a store does not answer; the keys concerned are not read
   * from it until the invalidation has been repeated there.
   */
  readonly stores: 'applied' | 'queued';
  /** Whether other instances were told over the bus; `none` where there is no bus. */
  readonly bus: 'sent' | 'queued' | 'none';
}

/**
 * The outcome of what had nothing to do.
 * @param bus whether others were told of nothing
 */
export function nothingDone(bus: Outcome['bus']): Outcome {
  return { local: true, stores: 'applied', bus };
}
