import { SieveCache } from '@neophi/sieve-cache';
import { createMemoryCache } from '@perf/cache-core';
import { countHits, optimalHits, type ReplayedCache, type Trace } from '@perf/traces';
import { LRUCache } from 'lru-cache';
import { newCache } from 'transitory';
import type { OurPolicy } from '../caches/our-policies.ts';
import type { Policy } from './policy-names.ts';

/** @returns how many accesses of the trace are hits, beginning with an empty cache */
export function hitsOf(policy: Policy, trace: Trace, capacity: number, seed: number): number {
  if (policy === 'optimum') return optimalHits(trace, capacity);
  return countHits(trace, open(policy, capacity, seed));
}

function open(policy: Exclude<Policy, 'optimum'>, capacity: number, seed: number): ReplayedCache {
  switch (policy) {
    case 'lru-cache':
      return new LRUCache<number, true>({ max: capacity });
    case '@neophi/sieve-cache':
      return new SieveCache<number, true>(capacity);
    case 'transitory': {
      const cache = newCache<number, true>().maxSize(capacity).build();
      return {
        get: (key) => cache.getIfPresent(key) ?? undefined,
        set: (key, value) => cache.set(key, value),
      };
    }
    default:
      return createMemoryCache<number, true>({ policy, maxEntries: capacity, seed });
  }
}

/**
 * As {@link hitsOf}, with entries that weigh something.
 * @param weights of every key, in bytes
 * @param maxBytes what the entries may weigh together
 */
export function weightedHitsOf(
  policy: OurPolicy | 'lru-cache',
  trace: Trace,
  weights: Uint32Array,
  maxBytes: number,
  seed: number,
): number {
  const weigh = (_: true, key: number): number => weights[key] ?? 1;
  const cache: ReplayedCache =
    policy === 'lru-cache'
      ? new LRUCache<number, true>({ maxSize: maxBytes, sizeCalculation: weigh })
      : createMemoryCache<number, true>({ policy, maxBytes, weigh, seed });
  return countHits(trace, cache);
}
