// Compiled against the packed package and run, once as an ES module and once as CommonJS.
import { deepStrictEqual as equal } from 'node:assert';
import { createCache, createMemoryCache, richCodec } from '@perf/cache-core';
import { referenceStore } from '@perf/cache-core/testing';

const memory = createMemoryCache<string, number>({ maxEntries: 2, policy: 'lru' });
for (const [index, key] of ['a', 'b', 'c'].entries()) memory.set(key, index);
equal([memory.get('a'), memory.get('c'), memory.size], [undefined, 2, 2]);
memory.close();

async function main(): Promise<void> {
  const cache = createCache<Date>({ codec: richCodec, memory: false, stores: [referenceStore()] });
  const load = (): Promise<Date> => Promise.resolve(new Date(0));
  await cache.getOrSet('epoch', load);
  equal(await cache.get('epoch'), new Date(0));
  await cache.delete('epoch');
  equal(await cache.get('epoch'), undefined);
  await cache.close();
  console.log('works');
}
void main();
