import type { CacheState } from './cache-state.ts';

/** How many slots one slice looks at: well under a millisecond when all have expired. */
const SLICE = 2048;

/**
 * Removes what has expired among the next slots.
 * @param from where to begin; 0 for the first slot
 * @returns where to go on, or 0 when the last slot was reached
 */
export function sweepSlice<Key, Value>(state: CacheState<Key, Value>, from: number): number {
  const { table, lifetimes } = state;
  if (lifetimes.expiring === 0) return 0;
  const first = Math.max(from, table.reserved);
  const end = Math.min(first + SLICE, table.used);
  for (let slot = first; slot < end; slot++) {
    if (lifetimes.isOver(slot)) state.actions.drop(slot, 'expired');
  }
  const next = end < table.used ? end : 0;
  state.removals?.flush();
  return next;
}
