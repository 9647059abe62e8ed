/** Percentiles in milliseconds, of the last minutes. */
export interface TimingsView {
  readonly p50: number;
  readonly p95: number;
}

/** What is read of a pool's statistics: those of `@perf/pool`, or any like them. Counters are since the start. */
export interface PoolView {
  readonly name: string;
  readonly max: number;
  /** How many may be out now. */
  readonly limit: number;
  readonly active: number;
  readonly idle?: number | undefined;
  readonly waiting: number;
  readonly acquired: number;
  readonly timeouts: number;
  readonly rejected: number;
  readonly leaked?: number | undefined;
  /** From the call to the turn. */
  readonly acquireMs: TimingsView;
  /** From the turn to the release. */
  readonly useMs?: TimingsView | undefined;
}

/** What is read of a cache's statistics: those of `@perf/cache-core`, or any like them. Counters are since the start. */
export interface CacheView {
  readonly hits: number;
  readonly misses: number;
  readonly evictions?: number | undefined;
  readonly expirations?: number | undefined;
  readonly size?: number | undefined;
  readonly maxEntries?: number | undefined;
  readonly bytes?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/** What is read of a circuit breaker's snapshot: those of `@perf/resilience`, or any like them. */
export interface BreakerView {
  readonly name: string;
  /** `closed` when calls run; `open`, `half-open` or `isolated` otherwise. */
  readonly state: string;
  readonly window?:
    | { readonly calls: number; readonly failureRate: number; readonly slowCallRate: number }
    | undefined;
}

/** The statistics of what a service is made of, as its `stats()` and `snapshot()` tell them. */
export interface Components {
  readonly pools?: readonly PoolView[] | undefined;
  /** By name. */
  readonly caches?: Readonly<Record<string, CacheView>> | undefined;
  readonly breakers?: readonly BreakerView[] | undefined;
}

/** What is known beside the profile. */
export interface DiagnosisContext extends Components {
  /**
   * The same, read earlier: counters are then judged by what was added since. Without it, by all since the start, so that
   * a cache that was warm for days hides one that has stopped to work.
   */
  readonly previous?: Components | undefined;
}
