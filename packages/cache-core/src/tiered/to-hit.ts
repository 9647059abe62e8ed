import type { Clock } from '@perf/core';
import type { LocalEntry } from '../local/local-entry.ts';
import type { CacheHit } from './results.ts';

/** An entry as callers see it: wall-clock times in place of monotonic ones. */
export function toHit<V, State extends 'hit' | 'stale' | 'miss', Tier extends string>(
  clock: Clock,
  { value, storedAt, freshUntil, negative }: LocalEntry<V>,
  state: State,
  tier: Tier,
): Omit<CacheHit<V>, 'state' | 'tier' | 'error'> & { readonly state: State; readonly tier: Tier } {
  const expiresAt = clock.epoch() + (freshUntil - clock.now());
  const told = { state, value, tier, storedAt, expiresAt };
  return negative ? { ...told, negative } : told;
}
