import type { Clock } from '@perf/core';
import type { LocalEntry } from '../local/local-entry.ts';
import type { CacheHit } from './results.ts';

/** An entry as callers see it: wall-clock times in place of monotonic ones. */
export function toHit<V>(
  clock: Clock,
  { value, storedAt, freshUntil }: LocalEntry<V>,
  state: 'hit' | 'stale',
  tier: string,
): CacheHit<V> {
  return { state, value, tier, storedAt, expiresAt: clock.epoch() + (freshUntil - clock.now()) };
}
