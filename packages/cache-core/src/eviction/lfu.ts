import type { EntryTable } from '../memory/entries/entry-table.ts';
import type { EvictionContext, EvictionPolicy, Share } from './eviction-policy.ts';
import { appendTo, oldestOf, resetQueue, unlink } from './slot-queue.ts';
import { grown } from './slot-words.ts';

/** How many priorities above the age there are; a power of two. */
const LEVELS = 64;
/** Uses beyond these are not counted. */
const MAX_USES = LEVELS - 1;

/**
 * Least frequently used with dynamic ageing (LFU-DA: Arlitt, Cherkasova, Dilley, Friedrich and Jin,
 * "Evaluating content management techniques for Web proxy caches", 2000). An entry's priority is
 * its uses plus the cache's age at its last use; the lowest leaves, among equals the one least
 * recently used, and its priority becomes the age. So what was hot long ago is overtaken by what is
 * warm now, which plain LFU never lets happen.
 *
 * As uses stop counting at 63, all priorities lie in a window of 64 above the age: a ring of 64
 * queues, as in Shah, Mitra and Matani, "An O(1) algorithm for implementing the LFU cache eviction
 * scheme" (2010). Each operation is O(1), finding the next level that is not empty at most 64 steps.
 *
 * The slots 0 to 63 are the queues' sentinels.
 */
export class LfuPolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = LEVELS;
  static readonly isLight: boolean = false;
  readonly #table: EntryTable<Key, Value>;
  /** Per slot. */
  #uses: Uint8Array;
  /** Modulo {@link LEVELS}: only differences matter. */
  #age = 0;
  #size = 0;

  constructor({ table }: EvictionContext<Key, Value>) {
    this.#table = table;
    this.#uses = new Uint8Array(table.capacity);
    this.clear();
  }

  arrive(_links: Int32Array, _key: Key, _weight: number): void {}

  insert(links: Int32Array, slot: number): void {
    this.#size++;
    this.#place(links, slot, 1);
  }

  hit(links: Int32Array, slot: number): void {
    const uses = this.#uses[slot] as number;
    unlink(links, slot);
    this.#place(links, slot, uses < MAX_USES ? uses + 1 : MAX_USES);
  }

  reweigh(_slot: number, _weight: number): void {}

  update(links: Int32Array, slot: number): void {
    this.hit(links, slot);
  }

  victim(links: Int32Array): number {
    if (this.#size === 0) return 0;
    let level = this.#age;
    while (oldestOf(links, level) === level) level = (level + 1) % LEVELS;
    return oldestOf(links, level);
  }

  evict(links: Int32Array, slot: number): void {
    while (oldestOf(links, this.#age) === this.#age) this.#age = (this.#age + 1) % LEVELS;
    this.remove(links, slot);
  }

  remove(links: Int32Array, slot: number): void {
    this.#size--;
    unlink(links, slot);
  }

  first(links: Int32Array): number {
    return this.victim(links);
  }

  detach(links: Int32Array, slot: number): void {
    this.remove(links, slot);
  }

  attach(links: Int32Array, slot: number): void {
    this.#size++;
    this.#place(links, slot, this.#uses[slot] as number);
  }

  admits(_links: Int32Array, _weight: number): boolean {
    return true;
  }

  grow(capacity: number): void {
    this.#uses = grown(this.#uses, capacity);
  }

  resize(_share: Share): void {}

  clear(): void {
    this.#age = 0;
    this.#size = 0;
    this.#uses = new Uint8Array(this.#table.capacity);
    for (let level = 0; level < LEVELS; level++) resetQueue(this.#table.links, level);
  }

  #place(links: Int32Array, slot: number, uses: number): void {
    this.#uses[slot] = uses;
    appendTo(links, (this.#age + uses) % LEVELS, slot);
  }
}
