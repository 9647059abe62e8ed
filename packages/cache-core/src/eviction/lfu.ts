import type { EntryTable } from '../memory/entry-table.ts';
import type { EvictionContext, EvictionPolicy } from './eviction-policy.ts';
import { appendTo, oldestOf, resetQueue, unlink } from './slot-queue.ts';

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
 * The slots 0 to 63 are the queues' sentinels. `note` of a record is the number of uses.
 */
export class LfuPolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = LEVELS;
  readonly #table: EntryTable<Key, Value>;
  /** Modulo {@link LEVELS}: only differences matter. */
  #age = 0;
  #size = 0;

  constructor({ table }: EvictionContext<Key, Value>) {
    this.#table = table;
    this.clear();
  }

  arrive(_key: Key): void {}

  insert(slot: number): void {
    this.#size++;
    this.#place(slot, 1);
  }

  hit(slot: number): void {
    const { records } = this.#table;
    const uses = records[(slot << 2) + 2] as number;
    unlink(records, slot);
    this.#place(slot, uses < MAX_USES ? uses + 1 : MAX_USES);
  }

  update(slot: number): void {
    this.hit(slot);
  }

  victim(): number {
    if (this.#size === 0) return 0;
    const { records } = this.#table;
    let level = this.#age;
    while (oldestOf(records, level) === level) level = (level + 1) % LEVELS;
    return oldestOf(records, level);
  }

  evict(slot: number): void {
    const { records } = this.#table;
    while (oldestOf(records, this.#age) === this.#age) this.#age = (this.#age + 1) % LEVELS;
    this.remove(slot);
  }

  remove(slot: number): void {
    this.#size--;
    unlink(this.#table.records, slot);
  }

  grow(_capacity: number): void {}

  resize(_maxEntries: number): void {}

  clear(): void {
    this.#age = 0;
    this.#size = 0;
    for (let level = 0; level < LEVELS; level++) resetQueue(this.#table.records, level);
  }

  #place(slot: number, uses: number): void {
    const { records } = this.#table;
    records[(slot << 2) + 2] = uses;
    appendTo(records, (this.#age + uses) % LEVELS, slot);
  }
}
