import type { CacheState } from '../cache-state.ts';
import type { EntryTable } from '../entries/entry-table.ts';
import { POSITIONS, type ShardMap } from '../shards/shard-map.ts';
import type { Shard } from '../shards/shard.ts';

/** So many entries of a cache that is not spread are met where they stand; of the others the keys are noted. */
const MET_IN_PLACE = 64;

// Where entries may move to another shard meanwhile, each is met once wherever it is: stretch by stretch, as its
// position stays.
function* liveEntries<Key, Value>(
  state: CacheState<Key, Value>,
): IterableIterator<[Shard<Key, Value>, number]> {
  const met = new Set<Key>();
  if (state.map === undefined && state.front !== undefined) {
    if (yield* metInPlace(state, state.front, met)) return;
    if (state.map === undefined) {
      yield* located(state, [...state.front.table.index.keys()], met);
      return;
    }
  }
  for (let from = 0; from < POSITIONS;) {
    const { keys, end } = (state.map as ShardMap<Key, Value>).stretch(from);
    yield* located(state, keys, met);
    from = end;
  }
}

// The first entries, oldest key first, until there were enough of them or the cache is spread over shards. A `Map`
// may be changed while it is iterated, but goes on for ever if every step adds a key: this ends after as many
// steps as there were entries at the start. Returns whether there are no more.
function* metInPlace<Key, Value>(
  state: CacheState<Key, Value>,
  front: Shard<Key, Value>,
  met: Set<Key>,
): Generator<[Shard<Key, Value>, number], boolean> {
  const { table, lifetimes } = front;
  let left = table.index.size;
  for (const [key, slot] of table.index) {
    if (left-- === 0) return true;
    if (met.size === MET_IN_PLACE) return false;
    met.add(key);
    if (lifetimes.isOver(slot)) continue;
    yield [front, slot];
    if (state.map !== undefined) return false;
  }
  return true;
}

function* located<Key, Value>(
  state: CacheState<Key, Value>,
  keys: readonly Key[],
  met: ReadonlySet<Key>,
): IterableIterator<[Shard<Key, Value>, number]> {
  for (const key of keys) {
    if (met.has(key)) continue;
    const shard = state.map === undefined ? state.front : state.map.holding(key);
    const slot = shard?.table.index.get(key);
    if (shard !== undefined && slot !== undefined && !shard.lifetimes.isOver(slot)) {
      yield [shard, slot];
    }
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
