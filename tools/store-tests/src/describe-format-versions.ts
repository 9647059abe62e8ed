import { createCache, type CacheStore, type TieredCache } from '@perf/cache-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inNewerFormat } from './in-newer-format.ts';

/** Options of {@link describeFormatVersions}. */
export interface FormatVersionsOptions {
  /** Another store at the same place, which is empty at the beginning of each test. */
  readonly open: () => CacheStore;
  /** @default false */
  readonly skip?: boolean;
}

/** How often the value changes while releases run side by side. */
const CHANGES = 24;
const TAG = 'tag';

/** Caches of two releases, of which the later one writes a newer version of the format, on one store. */
export function describeFormatVersions(
  name: string,
  { open, skip = false }: FormatVersionsOptions,
): void {
  describe.skipIf(skip)(`${name}, shared by releases with different versions of the format`, () => {
    let caches: TieredCache<string>[];
    let older: TieredCache<string>;
    let newer: TieredCache<string>;
    const join = (store: CacheStore): TieredCache<string> => {
      // A busy machine is no fault of the store's.
      const cache = createCache<string>({
        stores: [store],
        memory: false,
        ttl: '1h',
        storeTimeout: '5s',
      });
      caches.push(cache);
      return cache;
    };
    const joinNewer = (): TieredCache<string> => join(inNewerFormat(open()));
    beforeEach(() => {
      caches = [];
      older = join(open());
      newer = joinNewer();
    });
    afterEach(() => Promise.all(caches.map((cache) => cache.close())));

    test('has a newer entry be a miss for the older one, counted, told, and left in its place', async () => {
      const told: unknown[] = [];
      older.on('error', (event) => told.push(event));
      await newer.set('k', 'value', { tags: [TAG] });
      expect(await older.get('k')).toBeUndefined();
      expect(await older.getMany(['k', 'other'])).toEqual(new Map());
      expect(damaged(older)).toBe(2);
      expect(told).toHaveLength(2);
      expect(told[0]).toMatchObject({ operation: 'decode', key: 'k' });
      expect(String((told[0] as { error: unknown }).error)).toMatch(/version/);
      expect(await newer.get('k')).toBe('value');
      expect(await joinNewer().get('k')).toBe('value');
      expect(damaged(newer)).toBe(0);
    });

    test('has an older entry be a hit for both', async () => {
      await older.set('k', 'value');
      expect(await newer.get('k')).toBe('value');
      expect(await newer.getOrSet('k', () => 'loaded')).toBe('value');
      expect(await older.get('k')).toBe('value');
      expect([damaged(older), damaged(newer)]).toEqual([0, 0]);
    });

    test('has the older one load what it cannot read once, and both use that', async () => {
      await newer.set('k', 'written by the newer one');
      let loads = 0;
      const load = (): string => `load ${++loads}`;
      expect(await Promise.all([1, 2, 3].map(() => older.getOrSet('k', load)))).toEqual([
        'load 1',
        'load 1',
        'load 1',
      ]);
      expect(await older.getOrSet('k', load)).toBe('load 1');
      expect(await newer.getOrSet('k', load)).toBe('load 1');
    });

    test('is never asked in vain by any of them while the value changes', async () => {
      const others = [join(open()), joinNewer()];
      const { conditional } = open().capabilities;
      let source = 'value 0';
      for (let change = 1; change <= CHANGES; change++) {
        const all = [older, newer, ...others];
        // Who reads first, who has stored the entry and who invalidates it differ from round to round.
        const order = [...all.slice(change % 4), ...all.slice(0, change % 4)];
        for (const cache of order) {
          expect(await cache.getOrSet('k', () => source, { tags: [TAG] })).toBe(source);
        }
        source = `value ${change}`;
        const issuer = order[change % 3] ?? older;
        const way = change % (conditional ? 4 : 2);
        if (way === 0) await issuer.delete('k');
        else if (way === 1) await issuer.set('k', source, { tags: [TAG] });
        else if (way === 2) await issuer.invalidateTags([TAG]);
        else await issuer.writeThrough('k', () => Promise.resolve(source), { tags: [TAG] });
      }
    });
  });
}

function damaged(cache: TieredCache<string>): number | undefined {
  return cache.stats().tiers.at(-1)?.damaged;
}
