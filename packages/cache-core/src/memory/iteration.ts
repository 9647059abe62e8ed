import type { CacheState } from './cache-state.ts';

// The live slots, oldest key first. A `Map` may be changed while it is iterated, but goes on for ever
// if every step adds a key: this ends after as many steps as there were entries at the start.
function* liveSlots<Key, Value>(state: CacheState<Key, Value>): IterableIterator<number> {
  const { table, lifetimes } = state;
  let left = table.index.size;
  for (const slot of table.index.values()) {
    if (left-- === 0) return;
    if (!lifetimes.isOver(slot)) yield slot;
  }
}

export function* iterateEntries<Key, Value>(
  state: CacheState<Key, Value>,
): IterableIterator<[Key, Value]> {
  const { table } = state;
  for (const slot of liveSlots(state)) {
    yield [table.keys[slot] as Key, table.values[slot] as Value];
  }
}

export function* iterateKeys<Key, Value>(state: CacheState<Key, Value>): IterableIterator<Key> {
  for (const slot of liveSlots(state)) yield state.table.keys[slot] as Key;
}

export function* iterateValues<Key, Value>(state: CacheState<Key, Value>): IterableIterator<Value> {
  for (const slot of liveSlots(state)) yield state.table.values[slot] as Value;
}
