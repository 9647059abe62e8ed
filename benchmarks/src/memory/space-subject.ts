import { createMemoryCache } from '@perf/cache-core';
import { LRUCache } from 'lru-cache';
import type { SpaceSubject } from './space.ts';

/** A cache of which only the space, or the longest stall, is asked for. */
export interface SpaceCache {
  set(key: string, value: object, options?: undefined): unknown;
  get(key: string): unknown;
  delete(key: string): unknown;
  readonly size: number;
}

/** A cache whose entries live for an hour. */
export function createSpaceCache(subject: SpaceSubject, maxEntries: number): SpaceCache {
  const ttl = 3_600_000;
  return subject === 'lru-cache'
    ? new LRUCache<string, object>({ max: maxEntries, ttl })
    : createMemoryCache<string, object>({ policy: subject, maxEntries, ttl });
}
