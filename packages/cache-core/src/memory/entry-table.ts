/** How many slots an entry table starts with, if its cache may hold that many. */
const FIRST_SLOTS = 64;

/**
 * The entries of a memory cache as a structure of arrays: an index from key to slot, and per slot a
 * key, a value and a record of four 32-bit words: `next`, `prev` and `note`, which belong to the
 * eviction policy, and `expiry`, which belongs to the lifetimes. There is no object per entry.
 *
 * Slot `s`'s record starts at `s << 2`. Slot 0 is never an entry; it stands for "none", and policies
 * use it and other reserved slots as sentinels of their queues. Free slots are chained through `next`.
 */
export class EntryTable<Key, Value> {
  readonly index: Map<Key, number> = new Map();
  records: Int32Array;
  keys: (Key | undefined)[];
  values: (Value | undefined)[];
  /** Per slot, only where the cache is bounded in bytes. */
  weights: Float64Array | undefined;
  /** The sum of {@link weights}. */
  bytes = 0;
  /** How many slots there are, reserved ones included. */
  capacity: number;
  /** Slots from `reserved` up to here have held an entry. */
  used: number;
  readonly reserved: number;
  #free = 0;

  /**
   * @param maxEntries only caps the first arrays
   * @param reserved how many slots, from 0 on, never hold an entry; at least 1
   * @param weighed whether each entry has a weight
   */
  constructor(maxEntries: number, reserved: number, weighed: boolean) {
    this.reserved = reserved;
    this.used = reserved;
    this.capacity = reserved + Math.min(maxEntries, FIRST_SLOTS);
    this.records = new Int32Array(this.capacity << 2);
    this.keys = blanks(this.capacity);
    this.values = blanks(this.capacity);
    this.weights = weighed ? new Float64Array(this.capacity) : undefined;
  }

  /** Whether {@link take} needs {@link grow} first. */
  get isFull(): boolean {
    return this.#free === 0 && this.used === this.capacity;
  }

  /** Doubles the slots, but not beyond `maxEntries`. All arrays are replaced. */
  grow(maxEntries: number): void {
    const capacity = Math.max(
      this.capacity + 1,
      Math.min(this.reserved + 2 * (this.capacity - this.reserved), this.reserved + maxEntries),
    );
    const records = new Int32Array(capacity << 2);
    records.set(this.records);
    this.records = records;
    this.keys = extended(this.keys, capacity);
    this.values = extended(this.values, capacity);
    if (this.weights !== undefined) {
      const weights = new Float64Array(capacity);
      weights.set(this.weights);
      this.weights = weights;
    }
    this.capacity = capacity;
  }

  /** Stores an entry whose key is absent, without expiry and weight, in a free slot. */
  take(key: Key, value: Value): number {
    let slot = this.#free;
    if (slot === 0) slot = this.used++;
    else this.#free = this.records[slot << 2] as number;
    this.keys[slot] = key;
    this.values[slot] = value;
    this.index.set(key, slot);
    return slot;
  }

  /** Puts an entry whose key is absent, without expiry and weight, in the place of another such one. */
  replace(slot: number, key: Key, value: Value): void {
    this.index.delete(this.keys[slot] as Key);
    this.keys[slot] = key;
    this.values[slot] = value;
    this.index.set(key, slot);
  }

  /** Forgets the entry, which has left the policy and the lifetimes before. */
  release(slot: number): void {
    this.index.delete(this.keys[slot] as Key);
    this.keys[slot] = undefined;
    this.values[slot] = undefined;
    if (this.weights !== undefined) this.setWeight(slot, 0);
    this.records[slot << 2] = this.#free;
    this.#free = slot;
  }

  setWeight(slot: number, weight: number): void {
    const weights = this.weights as Float64Array;
    this.bytes += weight - (weights[slot] as number);
    weights[slot] = weight;
  }

  /** Forgets all entries and gives back the memory. */
  clear(maxEntries: number): void {
    this.index.clear();
    this.used = this.reserved;
    this.#free = 0;
    this.bytes = 0;
    this.capacity = this.reserved + Math.min(maxEntries, FIRST_SLOTS);
    this.records = new Int32Array(this.capacity << 2);
    this.keys = blanks(this.capacity);
    this.values = blanks(this.capacity);
    if (this.weights !== undefined) this.weights = new Float64Array(this.capacity);
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
