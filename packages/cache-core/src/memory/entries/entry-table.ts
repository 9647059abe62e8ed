import { grown } from '../../eviction/slot-words.ts';
import type { Budget } from '../shards/budget.ts';

/** How many slots an entry table starts with, if it may hold that many. */
const FIRST_SLOTS = 32;
/** How many times as many slots there are after more entries came than were to be expected. */
const BEYOND_BOUND = 1.03;
const BEYOND_ESTIMATE = 1.25;

/**
 * The entries of a shard as a structure of arrays: an index from key to slot, and per slot a key, a
 * value and two links that belong to the eviction policy. There is no object per entry. What lifetimes
 * and policies know of an entry stands at its slot in arrays of their own, so that a hit touches no
 * more memory than it needs.
 *
 * Slot `s`'s links `next` and `prev` are at `s << 1` and behind. Slot 0 is never an entry; it stands
 * for "none", and policies use it and other reserved slots as sentinels of their queues. Free slots
 * are chained through `next`.
 */
export class EntryTable<Key, Value> {
  index: Map<Key, number> = new Map();
  /** The {@link index}, while another stands in for it. */
  #barred: Map<Key, number> | undefined;
  links: Int32Array;
  keys: (Key | undefined)[];
  values: (Value | undefined)[];
  /** Per slot, only where the cache is bounded in bytes. */
  weights: Float64Array | undefined;
  /** How many slots there are, reserved ones included. */
  capacity: number;
  /** Slots from `reserved` up to here have held an entry. */
  used: number;
  readonly reserved: number;
  readonly #budget: Budget;
  readonly #weighed: boolean;
  #free = 0;

  /** @param reserved how many slots, from 0 on, never hold an entry; at least 1 */
  constructor(budget: Budget, reserved: number) {
    this.#budget = budget;
    this.#weighed = budget.maxBytes !== Infinity;
    this.reserved = reserved;
    this.used = reserved;
    this.capacity = reserved + Math.min(budget.maxEntries, FIRST_SLOTS);
    this.links = new Int32Array(this.capacity << 1);
    this.keys = blanks(this.capacity);
    this.values = blanks(this.capacity);
    this.weights = this.#weighed ? new Float64Array(this.capacity) : undefined;
  }

  /** Whether {@link take} needs {@link grow} first. */
  get isFull(): boolean {
    return this.#free === 0 && this.used === this.capacity;
  }

  /**
   * Doubles the slots up to `share`, the entries to be expected, and adds a few per cent beyond, or a
   * quarter where entries have weights: how many fit is then only an estimate. All arrays are replaced.
   */
  grow(share: number): void {
    const entries = this.capacity - this.reserved;
    const beyond = this.#weighed ? BEYOND_ESTIMATE : BEYOND_BOUND;
    const more = entries < share ? Math.min(2 * entries, share) : Math.ceil(entries * beyond) + 1;
    const capacity = this.reserved + more;
    this.links = grown(this.links, capacity << 1);
    this.keys = extended(this.keys, capacity);
    this.values = extended(this.values, capacity);
    this.weights &&= grown(this.weights, capacity);
    this.capacity = capacity;
  }

  /** Stores an entry whose key is absent, without weight, in a free slot. */
  take(key: Key, value: Value): number {
    let slot = this.#free;
    if (slot === 0) slot = this.used++;
    else this.#free = this.links[slot << 1] as number;
    this.keys[slot] = key;
    this.values[slot] = value;
    this.index.set(key, slot);
    this.#budget.entries++;
    return slot;
  }

  /** Forgets the entry of the key, which has left the policy and the lifetimes before. */
  release(slot: number, key: Key): void {
    this.index.delete(key);
    this.keys[slot] = undefined;
    this.values[slot] = undefined;
    if (this.weights !== undefined) this.setWeight(slot, 0);
    this.links[slot << 1] = this.#free;
    this.#free = slot;
    this.#budget.entries--;
  }

  setWeight(slot: number, weight: number): void {
    const weights = this.weights as Float64Array;
    this.#budget.bytes += weight - (weights[slot] as number);
    weights[slot] = weight;
  }

  /** Has another index stand in for that of the table, or puts it back. */
  bar(index: Map<Key, number> | undefined): void {
    if (index !== undefined) this.#barred = this.index;
    this.index = index ?? this.#barred ?? this.index;
  }

  /** Forgets all entries and gives back the memory. The budget is the caller's to mend. */
  clear(): void {
    this.index.clear();
    this.used = this.reserved;
    this.#free = 0;
    this.capacity = this.reserved + Math.min(this.#budget.maxEntries, FIRST_SLOTS);
    this.links = new Int32Array(this.capacity << 1);
    this.keys = blanks(this.capacity);
    this.values = blanks(this.capacity);
    if (this.#weighed) this.weights = new Float64Array(this.capacity);
  }
}

/** Filled at once, so that the array has exactly its length and holds references from the start. */
function blanks<T>(length: number): (T | undefined)[] {
  return Array.from<T | undefined>({ length }).fill(undefined);
}

function extended<T>(from: readonly (T | undefined)[], length: number): (T | undefined)[] {
  const to = blanks<T>(length);
  for (let i = 0; i < from.length; i++) to[i] = from[i];
  return to;
}
