import type { StoreFencing } from './store-fencing.ts';
import type { StoreNews } from './store-news.ts';

/** What a store can do; the tiered cache and the conformance suite go by it. */
export interface StoreCapabilities {
  /** Who sees what this store holds: this process, this host's processes, or every host. */
  readonly scope: 'process' | 'host' | 'network';
  /** Whether entries survive `close()` and the end of the process. */
  readonly persistent: boolean;
  /** Whether the store has {@link CacheStore.fencing}, so that a stale load can be refused. */
  readonly conditional: boolean;
  /** Whether it has {@link CacheStore.keys}. */
  readonly scan: boolean;
  /** Whether it has {@link CacheStore.touchMany}. */
  readonly touch: boolean;
  /** Whether its calls block the event loop while they run. */
  readonly blocking: boolean;
  /**
   * The medium, such as `'redis'`, on which it publishes {@link StoreCall.news} in the same step as it
   * writes. Its memory tiers then hear of changed keys from a bus on that medium; a store with fencing
   * that announces nothing tells them in its {@link LedgerDelta.drops}. @default nothing
   */
  readonly announces?: string;
  /**
   * Whether {@link CacheStore.clear} has to look for its entries one by one; the ledger is then enough to
   * invalidate them all, and they go with their lifetimes. @default false
   */
  readonly clearsByScan?: boolean;
  /** The longest key taken, in bytes of UTF-8; longer ones are refused. @default no limit */
  readonly maxKeyBytes?: number;
  /** The longest value taken, in bytes; longer ones are refused. @default no limit */
  readonly maxValueBytes?: number;
}

/**
 * The deadline of one store call. When the signal aborts, reads reject with its reason; a write
 * either was not applied (and rejects), or reports `'unknown'`.
 */
export interface StoreCall {
  readonly signal: AbortSignal;
  /**
   * Whether the signal has aborted, for less than making it costs. Who gives it stops waiting by itself, so
   * that the store need not watch the signal, but only not send what it has not sent yet.
   */
  readonly isGivenUp?: () => boolean;
  /** Given to writes of a store that {@link StoreCapabilities.announces}, where there is such a bus. */
  readonly news?: StoreNews;
}

/** What a store that is watched tells of the server behind it. */
export interface StoreListener {
  /**
   * Another server answers than before. `failover`: it may lack what was acknowledged last. `restart`: it is
   * the same one begun anew, and may have gone back to an old copy of everything.
   */
  onReplaced(how: 'failover' | 'restart'): void;
  /** How the server is set up endangers what it holds; told once for each cause. */
  onWarning(warning: Error): void;
}

/** What a store returns for a key. */
export interface StoredEntry {
  /** The bytes as they were written. Belongs to the caller. */
  readonly bytes: Uint8Array;
  /**
   * Milliseconds until the store forgets the entry, by the store's own clock; `Infinity` when it does
   * not expire. Absent when the store cannot tell: the envelope's times are used then.
   */
  readonly remaining?: number;
}

/** What a store is given to keep. */
export interface StoreWrite {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Milliseconds until the entry expires: a whole number of at least 1, or `Infinity`. */
  readonly ttl: number;
}

/**
 * How a write ended: `stored`; `refused` (too large, no room, or a ticket that is no longer held;
 * the key's former entry is gone or still there, but the new one is not); or `unknown`, where it may
 * still be applied.
 */
export type WriteResult = 'stored' | 'refused' | 'unknown';

/** Whether a store answers, and what it holds where that is cheap to tell. */
export interface StoreHealth {
  readonly healthy: boolean;
  /** Why it is not healthy. */
  readonly reason?: string;
  readonly entries?: number;
  readonly bytes?: number;
}

/**
 * A tier behind memory. A store holds one namespace: two caches need two stores (another prefix,
 * folder or file). Keys are well-formed, non-empty strings of any length and content. All methods
 * may be called concurrently. Operations on one key take effect in the order in which they were
 * called, also behind one that reported `unknown`. Any method may reject; the caller treats that as
 * an absent entry or a write that has to be repeated.
 *
 * `describeCacheStore` in `@perf/cache-core/testing` tests an implementation against this contract.
 */
export interface CacheStore {
  /** Names the tier in statistics, events and results. */
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  /**
   * For a store that has something to start before it can take calls, such as a thread: `undefined` once
   * that is up, else a promise that resolves when it is, or rejects when it cannot be; the next question
   * begins another attempt. A cache waits for it before it calls, outside of the call's deadline, for up to
   * 10 s; what only reads waits for a store across the network no longer than a call's time. A call that comes
   * earlier all the same waits in its own time. Never throws.
   */
  starting?(): Promise<void> | undefined;
  /**
   * Same order and length as `keys`; `undefined` for one that is absent, expired or damaged. A
   * damaged entry is removed and reported by the store's own event.
   */
  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]>;
  /** Same order and length as `entries`. With fencing, a key's ticket is removed in the same step. */
  setMany(entries: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]>;
  /**
   * How many there were. With fencing, the keys' tickets are removed in the same step. A store whose keys lie
   * in different places may reject with a `StoreUnavailableError` that names its `failedKeys`, when it has
   * deleted the others.
   */
  deleteMany(keys: readonly string[], call: StoreCall): Promise<number>;
  /** Sets the remaining lifetime of entries that exist; others are ignored. */
  touchMany?(keys: readonly string[], ttl: number, call: StoreCall): Promise<void>;
  /**
   * Pages of keys that begin with `prefix` (`''` for all). Keys written or deleted meanwhile may be
   * missing or present; every other key comes exactly once. A page may be empty: a cache has a deadline
   * for each, so a store that has to pass over much else yields one whenever it has done a part.
   */
  keys?(prefix: string, call: StoreCall): AsyncIterable<readonly string[]>;
  /**
   * Removes entries whose time is over, without waiting for a sweep; how many there were. What the
   * deadline cuts short is left to the sweep.
   */
  clearExpired?(call: StoreCall): Promise<number>;
  readonly fencing?: StoreFencing;
  /** Tells from now on what happens to the server behind it; called once, before anything else. */
  watch?(listener: StoreListener): void;
  /**
   * Makes sure that no write sent before can still take effect, through a connection that was lost in
   * the meantime. Called before writes whose outcome is unknown are repeated. False, once for each such
   * connection, when that cannot be made sure of: they are then repeated once more after a minute.
   */
  sever?(call: StoreCall): Promise<boolean>;
  /** Removes every entry and ticket, and what lies in the store's place but is not readable. */
  clear(call: StoreCall): Promise<void>;
  /** Never rejects. */
  health(call: StoreCall): Promise<StoreHealth>;
  /** Releases what the store opened, not what it was handed. Idempotent. */
  close(): Promise<void>;
}
