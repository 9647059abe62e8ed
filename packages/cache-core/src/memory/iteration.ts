import type { CacheState } from './cache-state.ts';
import type { EntryTable } from './entry-table.ts';
import type { Shard } from './shard.ts';

// The live slots of a shard, oldest key first. A `Map` may be changed while it is iterated, but goes on
// for ever if every step adds a key: this ends after as many steps as there were entries at the start.
function* liveSlots<Key, Value>({ table, lifetimes }: Shard<Key, Value>): IterableIterator<number> {
  let left = table.index.size;
  for (const slot of table.index.values()) {
    if (left-- === 0) return;
    if (!lifetimes.isOver(slot)) yield slot;
  }
}

function* collect<Key, Value, Item>(
  state: CacheState<Key, Value>,
  item: (table: EntryTable<Key, Value>, slot: number) => Item,
): IterableIterator<Item> {
  // A shard that is made meanwhile holds only what is added meanwhile.
  for (const shard of state.shards.slice()) {
    for (const slot of liveSlots(shard)) yield item(shard.table, slot);
  }
}

export function iterateEntries<Key, Value>(
  state: CacheState<Key, Value>,
): IterableIterator<[Key, Value]> {
  return collect(state, ({ keys, values }, slot) => [keys[slot] as Key, values[slot] as Value]);
}

export function iterateKeys<Key, Value>(state: CacheState<Key, Value>): IterableIterator<Key> {
  return collect(state, ({ keys }, slot) => keys[slot] as Key);
}

export function iterateValues<Key, Value>(state: CacheState<Key, Value>): IterableIterator<Value> {
  return collect(state, ({ values }, slot) => values[slot] as Value);
}
