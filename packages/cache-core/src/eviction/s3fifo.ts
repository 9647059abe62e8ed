import type { EntryTable } from '../memory/entries/entry-table.ts';
import type { EvictionContext, EvictionPolicy, Share } from './eviction-policy.ts';
import { GhostQueue } from './ghost-queue.ts';
import { hashKey, mix } from './key-hash.ts';
import { appendTo, oldestOf, resetQueue, toEnd, unlink } from './slot-queue.ts';
import { grown } from './slot-words.ts';

const SMALL = 1;
const MAIN = 2;
/** An entry's word: bits 0–1 uses, bit 2 whether it is in the main queue. */
const USES = 3;
const IN_MAIN = 4;
/** The small queue's part of the capacity, and the uses above which its entries move to the main one. */
const SMALL_PART = 0.1;
const MOVED_ABOVE = 1;
/**
 * How many used entries are passed over, at the most, before one that was used is given up too: a
 * millisecond. In smaller caches all have come up before.
 */
const CHANCES = 65_536;

/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue and Rashmi, "FIFO Queues are All You Need for Cache Eviction", SOSP
 * 2023): new entries pass through a small queue (10 %) and leave soon unless they are used; a key
 * that comes back while it is remembered goes to the main queue at once. A hit counts to 3.
 *
 * Objects and functions as keys have no hash: they take part, but are not remembered.
 */
export class S3fifoPolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = 3;
  static readonly isLight: boolean = false;
  readonly #table: EntryTable<Key, Value>;
  readonly #seed: number;
  #words: Uint8Array;
  #hashes: Int32Array;
  /** How many entries are to be expected. */
  #capacity: number;
  /** How many of them the small queue is to hold. */
  #mostSmall = 1;
  #smallSize = 0;
  #size = 0;
  /** Made at the first eviction. */
  #ghosts: GhostQueue | undefined;
  /** Of the key that {@link arrive} was told of. */
  #hash = 0;
  #comesBack = false;
  #anonymous = 0;

  constructor({ table, share, seed }: EvictionContext<Key, Value>) {
    this.#table = table;
    this.#seed = seed;
    this.#capacity = share.entries;
    this.#mostSmall = smallPartOf(share.entries);
    this.#words = new Uint8Array(table.capacity);
    this.#hashes = new Int32Array(table.capacity);
    this.clear();
  }

  arrive(_links: Int32Array, key: Key, _weight: number): void {
    this.#hash = hashKey(key, this.#seed) ?? mix(this.#seed ^ ++this.#anonymous);
    this.#comesBack = this.#ghosts !== undefined && this.#ghosts.take(this.#hash);
  }

  insert(links: Int32Array, slot: number): void {
    this.#size++;
    this.#hashes[slot] = this.#hash;
    if (this.#comesBack) this.#toMain(links, slot);
    else {
      this.#words[slot] = 0;
      this.#smallSize++;
      appendTo(links, SMALL, slot);
    }
  }

  hit(_links: Int32Array, slot: number): void {
    const word = this.#words[slot] as number;
    if ((word & USES) !== USES) this.#words[slot] = word + 1;
  }

  reweigh(_slot: number, _weight: number): void {}

  update(links: Int32Array, slot: number): void {
    this.hit(links, slot);
  }

  victim(links: Int32Array): number {
    if (this.#size === 0) return 0;
    const mostSmall = this.#mostSmall;
    let chances = CHANCES;
    while (this.#smallSize >= mostSmall || this.#smallSize === this.#size) {
      const slot = oldestOf(links, SMALL);
      if (((this.#words[slot] as number) & USES) <= MOVED_ABOVE || chances-- === 0) return slot;
      unlink(links, slot);
      this.#smallSize--;
      this.#toMain(links, slot);
    }
    for (;;) {
      const slot = oldestOf(links, MAIN);
      const word = this.#words[slot] as number;
      if ((word & USES) === 0 || chances-- <= 0) return slot;
      this.#words[slot] = word - 1;
      toEnd(links, MAIN, slot);
    }
  }

  evict(links: Int32Array, slot: number): void {
    if (((this.#words[slot] as number) & IN_MAIN) === 0) {
      this.#ghosts ??= new GhostQueue(Math.max(1, Math.ceil(this.#capacity * (1 - SMALL_PART))));
      this.#ghosts.add(this.#hashes[slot] as number);
    }
    this.remove(links, slot);
  }

  remove(links: Int32Array, slot: number): void {
    if (((this.#words[slot] as number) & IN_MAIN) === 0) this.#smallSize--;
    this.#size--;
    unlink(links, slot);
  }

  first(links: Int32Array): number {
    if (this.#smallSize > 0) return oldestOf(links, SMALL);
    return this.#size > 0 ? oldestOf(links, MAIN) : 0;
  }

  detach(links: Int32Array, slot: number): void {
    this.remove(links, slot);
  }

  attach(links: Int32Array, slot: number): void {
    const isInMain = ((this.#words[slot] as number) & IN_MAIN) !== 0;
    if (!isInMain) this.#smallSize++;
    this.#size++;
    appendTo(links, isInMain ? MAIN : SMALL, slot);
  }

  admits(_links: Int32Array, _weight: number): boolean {
    return true;
  }

  grow(capacity: number): void {
    this.#words = grown(this.#words, capacity);
    this.#hashes = grown(this.#hashes, capacity);
  }

  resize({ entries }: Share): void {
    if (entries === this.#capacity) return;
    this.#capacity = entries;
    this.#mostSmall = smallPartOf(entries);
    this.#ghosts = undefined;
  }

  clear(): void {
    const { links, capacity } = this.#table;
    this.#words = new Uint8Array(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#smallSize = 0;
    this.#size = 0;
    this.#ghosts = undefined;
    resetQueue(links, SMALL);
    resetQueue(links, MAIN);
  }

  #toMain(links: Int32Array, slot: number): void {
    this.#words[slot] = IN_MAIN;
    appendTo(links, MAIN, slot);
  }
}

function smallPartOf(capacity: number): number {
  return Math.max(1, Math.floor(capacity * SMALL_PART));
}
