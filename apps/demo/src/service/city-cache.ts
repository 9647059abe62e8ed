/** What the service needs of a cache, so that it can be tested, and spoilt, without one. */
export interface CityCache {
  /** Names the second tier: `sqlite` or `files`. */
  readonly secondTier: string;
  /** The value under the key, or what `load` returns; a failure of the cache itself loads. */
  read<T>(key: string, load: () => Promise<T>): Promise<CacheAnswer<T>>;
  /**
   * Forgets the keys, and every key that begins with one of the prefixes: nothing that was loaded
   * before this call is served after it resolves.
   */
  forget(keys: readonly string[], prefixes: readonly string[]): Promise<void>;
  /** The counters, ready for JSON. */
  stats(): object;
  isHealthy(): Promise<boolean>;
  close(): Promise<void>;
}

/** Where an answer came from: `memory`, the second tier's name, or `database`. */
export interface CacheAnswer<T> {
  readonly value: T;
  readonly tier: string;
}
