import type { EntryTable } from '../memory/entry-table.ts';
import type { Lifetimes } from '../memory/lifetimes.ts';
import type { EvictionContext, EvictionPolicy, Share } from './eviction-policy.ts';
import { grown } from './slot-words.ts';

/**
 * Evicts nothing: only entries whose time is over make room. They are found by a binary heap of the
 * slots that can expire, ordered by a lower bound of their expiry: sliding only moves an expiry on,
 * so a hit need not touch the heap, and the bound is mended when it comes up.
 */
export class TtlPolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = 1;
  static readonly isLight: boolean = false;
  readonly #table: EntryTable<Key, Value>;
  readonly #lifetimes: Lifetimes;
  /** From place 1 on. */
  #slots: Int32Array;
  #bounds: Float64Array;
  /** Per slot its place, 0 for none. */
  #places: Int32Array;
  #size = 0;

  constructor({ table, lifetimes }: EvictionContext<Key, Value>) {
    this.#table = table;
    this.#lifetimes = lifetimes;
    this.#slots = new Int32Array(table.capacity + 1);
    this.#bounds = new Float64Array(table.capacity + 1);
    this.#places = new Int32Array(table.capacity);
  }

  arrive(_links: Int32Array, _key: Key, _weight: number): void {}

  insert(links: Int32Array, slot: number): void {
    this.#places[slot] = 0;
    this.update(links, slot);
  }

  hit(_links: Int32Array, _slot: number): void {}

  reweigh(_slot: number, _weight: number): void {}

  update(links: Int32Array, slot: number): void {
    const expiry = this.#lifetimes.expiryOf(slot);
    const place = this.#places[slot] as number;
    if (expiry === Infinity) this.remove(links, slot);
    else if (place === 0) this.#rise(++this.#size, slot, expiry);
    else if (expiry < (this.#bounds[place] as number)) this.#rise(place, slot, expiry);
  }

  victim(_links: Int32Array): number {
    const now = this.#lifetimes.now();
    while (this.#size > 0 && (this.#bounds[1] as number) <= now) {
      const slot = this.#slots[1] as number;
      const expiry = this.#lifetimes.expiryOf(slot);
      if (expiry <= now) return slot;
      this.#sink(1, slot, expiry);
    }
    return 0;
  }

  evict(links: Int32Array, slot: number): void {
    this.remove(links, slot);
  }

  remove(_links: Int32Array, slot: number): void {
    const place = this.#places[slot] as number;
    if (place === 0) return;
    this.#places[slot] = 0;
    const last = this.#slots[this.#size] as number;
    const bound = this.#bounds[this.#size] as number;
    this.#size--;
    if (last === slot) return;
    if (bound < (this.#bounds[place] as number)) this.#rise(place, last, bound);
    else this.#sink(place, last, bound);
  }

  first(_links: Int32Array): number {
    return 0;
  }

  detach(links: Int32Array, slot: number): void {
    this.remove(links, slot);
  }

  attach(links: Int32Array, slot: number): void {
    this.update(links, slot);
  }

  admits(_links: Int32Array, _weight: number): boolean {
    return true;
  }

  grow(capacity: number): void {
    this.#slots = grown(this.#slots, capacity + 1);
    this.#bounds = grown(this.#bounds, capacity + 1);
    this.#places = grown(this.#places, capacity);
  }

  resize(_share: Share): void {}

  clear(): void {
    const { capacity } = this.#table;
    this.#slots = new Int32Array(capacity + 1);
    this.#bounds = new Float64Array(capacity + 1);
    this.#places = new Int32Array(capacity);
    this.#size = 0;
  }

  /** Puts the slot at the place or, as long as its bound is lower, above. */
  #rise(from: number, slot: number, bound: number): void {
    let place = from;
    while (place > 1) {
      const parent = place >> 1;
      if ((this.#bounds[parent] as number) <= bound) break;
      this.#put(place, this.#slots[parent] as number, this.#bounds[parent] as number);
      place = parent;
    }
    this.#put(place, slot, bound);
  }

  /** Puts the slot at the place or, as long as its bound is higher, below. */
  #sink(from: number, slot: number, bound: number): void {
    const size = this.#size;
    let place = from;
    for (let child = place << 1; child <= size; child = place << 1) {
      if (child < size && (this.#bounds[child + 1] as number) < (this.#bounds[child] as number)) {
        child++;
      }
      if ((this.#bounds[child] as number) >= bound) break;
      this.#put(place, this.#slots[child] as number, this.#bounds[child] as number);
      place = child;
    }
    this.#put(place, slot, bound);
  }

  #put(place: number, slot: number, bound: number): void {
    this.#slots[place] = slot;
    this.#bounds[place] = bound;
    this.#places[slot] = place;
  }
}
