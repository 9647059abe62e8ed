/** The only file that knows the cache packages. */
import { join } from 'node:path';
import { createCache, escapePattern, type CacheStore } from '@perf/cache-core';
import type { Duration } from '@perf/core';
import { fsStore } from '@perf/cache-fs';
import { sqliteStore } from '@perf/cache-sqlite';
import type { CityCache } from './service/city-cache.ts';

/** Fewer than the distinct requests of a run, so that the second tier has work as well. */
const MEMORY_ENTRIES = 500;

/** The second tier that can be had here. */
export interface SecondTier {
  readonly name: 'sqlite' | 'files';
  /** Why it is not SQLite; absent if it is. */
  readonly instead?: string;
  /** How long one call may take. */
  readonly timeout: Duration;
  /** Opens it in a folder; the second time with what the first has stored. */
  open(folder: string): CacheStore;
}

/** SQLite, or files where better-sqlite3 cannot be loaded. */
export async function chooseSecondTier(): Promise<SecondTier> {
  try {
    const { default: Database } = await import('better-sqlite3');
    // The package can be there without its binary; only opening a database tells.
    new Database(':memory:').close();
    return {
      name: 'sqlite',
      timeout: '250ms',
      open: (folder) =>
        sqliteStore({ path: join(folder, 'cache.db'), name: 'sqlite', driver: Database }),
    };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return {
      name: 'files',
      instead: `better-sqlite3 cannot be loaded (${reason?.replace(/ Tried:$/, '')})`,
      // A pattern is looked for in every file.
      timeout: '2s',
      open: (folder) => fsStore({ dir: join(folder, 'cache'), name: 'files' }),
    };
  }
}

/**
 * The tiered cache: memory, then the second tier in the folder.
 * @param onTrouble is told what the cache copes with by itself
 */
export function openCache(
  tier: SecondTier,
  folder: string,
  onTrouble: (operation: string, error: unknown) => void,
): CityCache {
  const cache = createCache<unknown>({
    name: 'cities',
    memory: { maxEntries: MEMORY_ENTRIES },
    stores: [tier.open(folder)],
    ttl: '10m',
    storeTimeout: tier.timeout,
  });
  cache.on('error', ({ operation, error }) => {
    onTrouble(operation, error);
  });
  return {
    secondTier: tier.name,
    async read<T>(key: string, load: () => Promise<T>) {
      const result = await cache.getOrSetResult(key, load);
      // A key belongs to one kind of answer: see service/keys.ts.
      const value = result.value as T;
      return { value, tier: result.tier === 'loader' ? 'database' : result.tier };
    },
    async forget(keys, prefixes) {
      await Promise.all([
        cache.deleteMany(keys),
        ...prefixes.map((prefix) => cache.invalidatePattern(`${escapePattern(prefix)}*`)),
      ]);
    },
    stats: () => cache.stats(),
    async isHealthy() {
      const { healthy } = await cache.health();
      return healthy;
    },
    close: () => cache.close(),
  };
}
