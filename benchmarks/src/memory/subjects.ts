import { createMemoryCache } from '@perf/cache-core';
import { LRUCache } from 'lru-cache';
import { LRUMap } from 'mnemonist';
import { newCache } from 'transitory';
import type { OurPolicy } from '../caches/our-policies.ts';
import type { TimedCache } from './loops.ts';
import type { Suite, Workload } from './speed.ts';

/** A kind of cache that is measured. */
export interface Subject {
  readonly name: string;
  readonly workloads: readonly Workload[];
  create(): TimedCache;
}

/** An hour: nothing expires while it is measured. */
const TTL = 3_600_000;

const BASIC: readonly Workload[] = ['getHit', 'setExisting', 'evictingSet', 'readThrough'];

/** How many entries the caches of a suite hold. */
export function capacityOf(suite: Suite): number {
  return suite === 'small' ? 1000 : 10_000;
}

/** The name under which a second copy of a peer runs: what differs between the two is noise. */
export const CONTROL = 'lru-cache, second copy';

/** What lives in a process of the suite. */
export function subjectsOf(suite: Suite): Subject[] {
  const max = capacityOf(suite);
  const ttl = suite === 'ttl' ? { ttl: TTL } : {};
  const ours = (policy: OurPolicy, workloads: readonly Workload[]): Subject => ({
    name: policy,
    workloads,
    create: () => createMemoryCache<string, object>({ policy, maxEntries: max, ...ttl }),
  });
  const lruCache = (name: string, workloads: readonly Workload[]): Subject => ({
    name,
    workloads,
    create: () => new LRUCache<string, object>({ max, ...ttl }),
  });
  return SUITES[suite](ours, lruCache, max);
}

type Make<Name> = (name: Name, workloads: readonly Workload[]) => Subject;

const SUITES: Record<
  Suite,
  (ours: Make<OurPolicy>, lruCache: Make<string>, max: number) => Subject[]
> = {
  plain: (ours, lruCache, max) => [
    ours('lru', [...BASIC, 'delete', 'stats']),
    ours('adaptive', [...BASIC, 'delete', 'stats']),
    ours('sieve', BASIC),
    ours('s3fifo', BASIC),
    ours('fifo', BASIC),
    lruCache('lru-cache', [...BASIC, 'delete']),
    lruCache(CONTROL, [...BASIC, 'delete']),
    {
      name: 'mnemonist LRUMap',
      workloads: BASIC,
      create: () => new LRUMap<string, object>(max),
    },
    { name: 'transitory', workloads: BASIC, create: () => createTransitory(max) },
    { name: 'Map', workloads: ['getHit', 'setExisting'], create: () => new Map<string, object>() },
    { name: 'object literal', workloads: ['stats'], create: createCounters },
  ],
  ttl: (ours, lruCache) => [
    ours('lru', BASIC),
    ours('adaptive', BASIC),
    ours('sieve', BASIC),
    ours('fifo', BASIC),
    lruCache('lru-cache', BASIC),
    lruCache(CONTROL, BASIC),
  ],
  small: (ours, lruCache) => [
    ours('lru', ['readThrough']),
    ours('adaptive', ['readThrough']),
    ours('sieve', ['readThrough']),
    lruCache('lru-cache', ['readThrough']),
    lruCache(CONTROL, ['readThrough']),
  ],
};

function createTransitory(max: number): TimedCache {
  const cache = newCache<string, object>().maxSize(max).build();
  return {
    get: (key) => cache.getIfPresent(key) ?? undefined,
    set: (key, value) => cache.set(key, value),
  };
}

/** The least that a snapshot of as many counters can cost. */
function createCounters(): TimedCache {
  let hits = 0;
  return {
    get: () => hits++,
    set: () => undefined,
    stats: () => ({
      hits,
      misses: hits,
      hitRate: hits,
      sets: hits,
      inserts: hits,
      updates: hits,
      refused: hits,
      deletes: hits,
      evictions: hits,
      expirations: hits,
      cleared: hits,
      size: hits,
      bytes: hits,
      maxEntries: hits,
      maxBytes: hits,
    }),
  };
}
