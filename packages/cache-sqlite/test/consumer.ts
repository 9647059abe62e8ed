// Compiled against the packed package and run, once as an ES module and once as CommonJS. The driver
// is not installed there: the cache goes on without the store, and says what is missing.
import { deepStrictEqual as equal } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCache } from '@perf/cache-core';
import { sqliteStore } from '@perf/cache-sqlite';

async function main(): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'perf-consumer-'));
  const cache = createCache<string>({
    stores: [sqliteStore({ path: path.join(dir, 'cache.db') })],
  });
  const errors = new Set<string>();
  cache.on('error', ({ error }) => {
    for (let one: unknown = error; one instanceof Error; one = one.cause) errors.add(one.name);
  });
  equal(await cache.getOrSet('key', () => 'loaded'), 'loaded');
  equal(errors.has('MissingDriverError'), true);
  await cache.close();
  await rm(dir, { recursive: true });
  console.log('works');
}
void main();
