// Compiled against the packed package and run, once as an ES module and once as CommonJS. The driver
// is not installed there: the cache goes on without the store, and says what is missing.
import { deepStrictEqual as equal } from 'node:assert';
import { createCache } from '@perf/cache-core';
import { redisBus, redisStore } from '@perf/cache-redis';

async function main(): Promise<void> {
  const url = 'redis://127.0.0.1:1';
  const cache = createCache<string>({
    stores: [redisStore({ url, prefix: 'consumer' })],
    bus: redisBus({ url, prefix: 'consumer' }),
  });
  const errors = new Set<string>();
  cache.on('error', ({ error }) => {
    for (let one: unknown = error; one instanceof Error; one = one.cause) errors.add(one.name);
  });
  equal(await cache.getOrSet('key', () => 'loaded'), 'loaded');
  equal(errors.has('MissingDriverError'), true);
  await cache.close();
  console.log('works');
}
void main();
