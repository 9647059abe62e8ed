import { ManualClock, seededRandom } from '@perf/core/testing';
import { CacheFullError } from '../../../src/errors.ts';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';
import type { MemoryCachePolicy } from '../../../src/memory/memory-cache-options.ts';

const [policy, count] = process.argv.slice(2) as [MemoryCachePolicy, string];
const operations = Number(count);
const clock = new ManualClock();
const random = seededRandom(1);
const cache = createMemoryCache<string, number>({
  policy,
  maxEntries: 20_000,
  maxBytes: '8mb',
  weigh: (value) => value,
  clock,
  seed: 0,
});

/** Bytes in use, on the heap and beside it; what is beside it goes a while after its owner. */
function memory(): number {
  for (let i = 0; i < 5; i++) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function operate(from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const draw = random();
    // Hot keys, and keys that come once.
    const key = draw < 0.5 ? `hot:${Math.floor(60_000 ** random())}` : `once:${i}`;
    if (draw > 0.98) cache.delete(key);
    else if (cache.get(key) === undefined) store(key, i);
    if (i % 1000 === 0) clock.advance(100);
  }
}

function store(key: string, i: number): void {
  const value = 1 + Math.floor(800 * random());
  const terms = i % 3 === 0 ? { ttl: 5000 } : i % 7 === 0 ? { slidingTtl: 1000 } : {};
  try {
    cache.set(key, value, policy === 'ttl' ? { ttl: 5000 } : terms);
  } catch (error) {
    if (!(error instanceof CacheFullError)) throw error;
  }
}

const warmUp = Math.max(300_000, Math.floor(operations / 10));
operate(0, warmUp);
const before = memory();
operate(warmUp, operations);
const after = memory();
const { size, bytes } = cache.stats();
console.log(JSON.stringify({ before, after, size, bytes }));
