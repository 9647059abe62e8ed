/** The demo on a part of the cities, with a cache that may be wrong in some way. */
import { runCommand } from '../../src/command.ts';
import { loadGeonames } from '../../src/dataset/geonames.ts';
import type { CityCache } from '../../src/service/city-cache.ts';

const caches: Readonly<Record<string, (cache: CityCache) => CityCache>> = {
  right: (cache) => cache,
  // One field of one entry, and only when it comes from the second tier.
  changed: (cache) => ({
    ...cache,
    async read(key, load) {
      const answer = await cache.read(key, load);
      if (answer.tier !== cache.secondTier || key !== 'country:CN') return answer;
      return { ...answer, value: { ...answer.value, cities: 1 } };
    },
  }),
  // Updates reach the database and not the cache.
  unforgetful: (cache) => ({ ...cache, forget: async () => undefined }),
};

const [kind = '', ...args] = process.argv.slice(2);
const spoil = caches[kind];
if (spoil === undefined) throw new Error(`there is no cache ${kind}`);
process.exitCode = await runCommand(args, {
  spoil,
  async dataset() {
    const cities = await loadGeonames();
    return cities.filter((city) => city.population > 50_000);
  },
});
