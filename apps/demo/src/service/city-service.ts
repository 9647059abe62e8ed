import type {
  CityAnswer,
  CountryStats,
  FoundCity,
  NearbyCity,
  PopulationChange,
} from '../database/answers.ts';
import type { CityQueries } from '../database/city-queries.ts';
import type { CacheAnswer, CityCache } from './city-cache.ts';
import { affectedBy, keys } from './keys.ts';

/** Whether the cache may answer, or the database has to. */
export type Freshness = 'cached' | 'fresh';

/** The answers, from the cache or from the database. Safe for concurrent use. */
export class CityService {
  readonly #queries: CityQueries;
  #cache: CityCache;

  constructor(queries: CityQueries, cache: CityCache) {
    this.#queries = queries;
    this.#cache = cache;
  }

  get cache(): CityCache {
    return this.#cache;
  }

  /** Puts another cache in place; requests that have begun finish with the former one. */
  useCache(cache: CityCache): void {
    this.#cache = cache;
  }

  city(id: number, freshness: Freshness): Promise<CacheAnswer<CityAnswer | null>> {
    return this.#read(freshness, keys.city(id), () => this.#queries.city(id));
  }

  search(prefix: string, freshness: Freshness): Promise<CacheAnswer<readonly FoundCity[]>> {
    return this.#read(freshness, keys.search(prefix), () => this.#queries.search(prefix));
  }

  nearest(
    latitude: number,
    longitude: number,
    count: number,
    freshness: Freshness,
  ): Promise<CacheAnswer<readonly NearbyCity[]>> {
    return this.#read(freshness, keys.nearest(latitude, longitude, count), () =>
      this.#queries.nearest(latitude, longitude, count),
    );
  }

  countryStats(code: string, freshness: Freshness): Promise<CacheAnswer<CountryStats | null>> {
    return this.#read(freshness, keys.country(code), () => this.#queries.countryStats(code));
  }

  /**
   * Writes to the database, then makes the cache forget what it concerns; only then does it resolve.
   * @returns what changed; `null` if there is no such city
   */
  async setPopulation(id: number, population: number): Promise<PopulationChange | null> {
    const change = await this.#queries.setPopulation(id, population);
    if (change === null) return null;
    const affected = affectedBy(change);
    await this.#cache.forget(affected.keys, affected.prefixes);
    return change;
  }

  /** Whether each part answers. Never rejects. */
  async health(): Promise<{ readonly database: boolean; readonly cache: boolean }> {
    const [database, cache] = await Promise.all([
      this.#queries.ping().then(
        () => true,
        () => false,
      ),
      this.#cache.isHealthy(),
    ]);
    return { database, cache };
  }

  async #read<T>(
    freshness: Freshness,
    key: string,
    load: () => Promise<T>,
  ): Promise<CacheAnswer<T>> {
    if (freshness === 'fresh') return { value: await load(), tier: 'database' };
    return this.#cache.read(key, load);
  }
}
