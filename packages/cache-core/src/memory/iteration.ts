import type { CacheState } from './cache-state.ts';
import type { EntryTable } from './entry-table.ts';
import { POSITIONS } from './shard-map.ts';
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

// Shard by shard, or stretch by stretch where entries may move from one shard to another meanwhile: each
// is met once wherever it is, as its position stays.
function* liveEntries<Key, Value>(
  state: CacheState<Key, Value>,
): IterableIterator<[Shard<Key, Value>, number]> {
  // What is spread meanwhile is looked at as it was, in the shard that it is leaving.
  const { map, front } = state;
  if (map === undefined) {
    if (front === undefined) return;
    for (const slot of liveSlots(front)) yield [front, slot];
    return;
  }
  for (let from = 0; from < POSITIONS;) {
    const { keys, end } = map.stretch(from);
    for (const key of keys) {
      const shard = map.holding(key);
      const slot = shard?.table.index.get(key);
      if (shard !== undefined && slot !== undefined && !shard.lifetimes.isOver(slot)) {
        yield [shard, slot];
      }
    }
    from = end;
  }
}

function* collect<Key, Value, Item>(
  state: CacheState<Key, Value>,
  item: (table: EntryTable<Key, Value>, slot: number) => Item,
): IterableIterator<Item> {
  for (const [{ table }, slot] of liveEntries(state)) yield item(table, slot);
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
