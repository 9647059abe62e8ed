import type { EntryTable } from '../memory/entries/entry-table.ts';
import type { Lifetimes } from '../memory/entries/lifetimes.ts';
import type { EvictionContext, EvictionPolicy, Share } from './eviction-policy.ts';
import { grown } from './slot-words.ts';

/**
 * Evicts nothing: only entries whose time is over make room. They are found by a binary heap of the
 * slots that can expire, the one that is due first on top. An entry that slides moves with each hit: if
 * that were put off, all would have to be mended at once when room is needed.
 */
export class TtlPolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = 1;
  static readonly isLight: boolean = false;
  readonly #table: EntryTable<Key, Value>;
  readonly #lifetimes: Lifetimes;
  /** From place 1 on. */
  #slots: Int32Array;
  /** When they are due, by the clock: the start that expiries count from moves on. */
  #dues: Float64Array;
  /** Per slot its place, 0 for none. */
  #places: Int32Array;
  #size = 0;

  constructor({ table, lifetimes }: EvictionContext<Key, Value>) {
    this.#table = table;
    this.#lifetimes = lifetimes;
    this.#slots = new Int32Array(table.capacity + 1);
    this.#dues = new Float64Array(table.capacity + 1);
    this.#places = new Int32Array(table.capacity);
  }

  arrive(_links: Int32Array, _key: Key, _weight: number): void {}

  insert(links: Int32Array, slot: number): void {
    this.#places[slot] = 0;
    this.update(links, slot);
  }

  hit(links: Int32Array, slot: number): void {
    this.update(links, slot);
  }

  reweigh(_slot: number, _weight: number): void {}

  update(links: Int32Array, slot: number): void {
    const due = this.#lifetimes.dueOf(slot);
    const place = this.#places[slot] as number;
    if (due === Infinity) this.remove(links, slot);
    else if (place === 0) this.#rise(++this.#size, slot, due);
    else if (due < (this.#dues[place] as number)) this.#rise(place, slot, due);
    else if (due > (this.#dues[place] as number)) this.#sink(place, slot, due);
  }

  victim(_links: Int32Array): number {
    if (this.#size === 0) return 0;
    const slot = this.#slots[1] as number;
    return this.#lifetimes.isOver(slot) ? slot : 0;
  }

  evict(links: Int32Array, slot: number): void {
    this.remove(links, slot);
  }

  remove(_links: Int32Array, slot: number): void {
    const place = this.#places[slot] as number;
    if (place === 0) return;
    this.#places[slot] = 0;
    const last = this.#slots[this.#size] as number;
    const due = this.#dues[this.#size] as number;
    this.#size--;
    if (last === slot) return;
    if (due < (this.#dues[place] as number)) this.#rise(place, last, due);
    else this.#sink(place, last, due);
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
    this.#dues = grown(this.#dues, capacity + 1);
    this.#places = grown(this.#places, capacity);
  }

  resize(_share: Share): void {}

  clear(): void {
    const { capacity } = this.#table;
    this.#slots = new Int32Array(capacity + 1);
    this.#dues = new Float64Array(capacity + 1);
    this.#places = new Int32Array(capacity);
    this.#size = 0;
  }

  /** Puts the slot at the place or, as long as it is due earlier, above. */
  #rise(from: number, slot: number, due: number): void {
    let place = from;
    while (place > 1) {
      const parent = place >> 1;
      if ((this.#dues[parent] as number) <= due) break;
      this.#put(place, this.#slots[parent] as number, this.#dues[parent] as number);
      place = parent;
    }
    this.#put(place, slot, due);
  }

  /** Puts the slot at the place or, as long as it is due later, below. */
  #sink(from: number, slot: number, due: number): void {
    const size = this.#size;
    let place = from;
    for (let child = place << 1; child <= size; child = place << 1) {
      if (child < size && (this.#dues[child + 1] as number) < (this.#dues[child] as number)) {
        child++;
      }
      if ((this.#dues[child] as number) >= due) break;
      this.#put(place, this.#slots[child] as number, this.#dues[child] as number);
      place = child;
    }
    this.#put(place, slot, due);
  }

  #put(place: number, slot: number, due: number): void {
    this.#slots[place] = slot;
    this.#dues[place] = due;
    this.#places[slot] = place;
  }
}
