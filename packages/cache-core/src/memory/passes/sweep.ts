import type { CacheState } from '../cache-state.ts';
import type { Shard } from '../shards/shard.ts';

/** How many slots one slice looks at: well under a millisecond when all have expired. */
const SLICE = 2048;
/** More than the slots of any shard: a position is `shard * STRIDE + slot`. */
const STRIDE = 2 ** 25;

/** Whether anything can expire. */
export function needsSweep<Key, Value>({ shards }: CacheState<Key, Value>): boolean {
  return shards.some(({ lifetimes }) => lifetimes.expiring > 0);
}

/**
 * Removes what has expired among the next slots.
 * @param from where to begin; 0 for the first slot
 * @returns where to go on, or 0 when the last slot was reached
 */
export function sweepSlice<Key, Value>(state: CacheState<Key, Value>, from: number): number {
  let number = Math.floor(from / STRIDE);
  let slot = from % STRIDE;
  let left = SLICE;
  while (left > 0 && number < state.shards.length) {
    const shard = state.shards[number] as Shard<Key, Value>;
    const end = shard.lifetimes.expiring === 0 ? 0 : Math.min(slot + left, shard.table.used);
    // Shards without anything to expire cost something too: a slice ends however many there are.
    left -= Math.max(1, end - slot);
    for (slot = Math.max(slot, shard.table.reserved); slot < end; slot++) {
      if (shard.lifetimes.isOver(slot)) shard.drop(slot, 'expired');
    }
    if (shard.lifetimes.expiring === 0 || end >= shard.table.used) {
      number++;
      slot = 0;
    } else slot = end;
  }
  state.removals?.flush();
  return number < state.shards.length ? number * STRIDE + slot : 0;
}
