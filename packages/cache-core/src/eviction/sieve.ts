import type { EntryTable } from '../memory/entries/entry-table.ts';
import type { EvictionContext, EvictionPolicy, Share } from './eviction-policy.ts';
import { appendTo, newerThan, oldestOf, resetQueue, unlink } from './slot-queue.ts';
import { grown } from './slot-words.ts';

/**
 * How many used entries the hand passes over, at the most, before one that was used is given up too:
 * a fraction of a millisecond. In smaller caches it comes all the way round before.
 */
const CHANCES = 65_536;

/**
 * SIEVE (Zhang, Yang, Yue, Vigfusson and Rashmi, "SIEVE is Simpler than LRU", NSDI 2024): a hand moves
 * through a FIFO queue from old to new and round again; what was used since it last came by stays
 * where it is, the first that was not leaves. A hit sets one bit. The hand goes so far at once, and no further.
 */
export class SievePolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = 1;
  static readonly isLight: boolean = true;
  readonly #table: EntryTable<Key, Value>;
  /** Per slot, 1 if the entry was used since the hand came by. */
  #used: Uint8Array;
  /** Where the hand goes on, 0 for at the oldest. */
  #hand = 0;

  constructor({ table }: EvictionContext<Key, Value>) {
    this.#table = table;
    this.#used = new Uint8Array(table.capacity);
    this.clear();
  }

  arrive(_links: Int32Array, _key: Key, _weight: number): void {}

  insert(links: Int32Array, slot: number): void {
    this.#used[slot] = 0;
    appendTo(links, 0, slot);
  }

  hit(_links: Int32Array, slot: number): void {
    this.#used[slot] = 1;
  }

  reweigh(_slot: number, _weight: number): void {}

  update(_links: Int32Array, slot: number): void {
    this.#used[slot] = 1;
  }

  victim(links: Int32Array): number {
    const used = this.#used;
    let slot = this.#hand === 0 ? oldestOf(links, 0) : this.#hand;
    for (let chances = CHANCES; used[slot] === 1 && chances > 0; chances--) {
      used[slot] = 0;
      slot = newerThan(links, slot);
      if (slot === 0) slot = oldestOf(links, 0);
    }
    this.#hand = slot;
    return slot;
  }

  evict(links: Int32Array, slot: number): void {
    this.remove(links, slot);
  }

  remove(links: Int32Array, slot: number): void {
    if (this.#hand === slot) this.#hand = newerThan(links, slot);
    unlink(links, slot);
  }

  first(links: Int32Array): number {
    return oldestOf(links, 0);
  }

  detach(links: Int32Array, slot: number): void {
    this.remove(links, slot);
  }

  attach(links: Int32Array, slot: number): void {
    appendTo(links, 0, slot);
  }

  admits(_links: Int32Array, _weight: number): boolean {
    return true;
  }

  grow(capacity: number): void {
    this.#used = grown(this.#used, capacity);
  }

  resize(_share: Share): void {}

  clear(): void {
    this.#hand = 0;
    this.#used = new Uint8Array(this.#table.capacity);
    resetQueue(this.#table.links, 0);
  }
}
