import type { EntryTable } from '../memory/entry-table.ts';
import type { EvictionContext, EvictionPolicy } from './eviction-policy.ts';
import { appendTo, oldestOf, resetQueue, unlink } from './slot-queue.ts';

/** Least recently used: the entry that was neither read nor written for the longest time leaves. */
export class LruPolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = 1;
  readonly #table: EntryTable<Key, Value>;

  constructor({ table }: EvictionContext<Key, Value>) {
    this.#table = table;
    this.clear();
  }

  arrive(_key: Key): void {}

  insert(slot: number): void {
    appendTo(this.#table.records, 0, slot);
  }

  hit(slot: number): void {
    const { records } = this.#table;
    if (records[slot << 2] === 0) return;
    unlink(records, slot);
    appendTo(records, 0, slot);
  }

  update(slot: number): void {
    this.hit(slot);
  }

  victim(): number {
    return oldestOf(this.#table.records, 0);
  }

  evict(slot: number): void {
    unlink(this.#table.records, slot);
  }

  remove(slot: number): void {
    unlink(this.#table.records, slot);
  }

  grow(_capacity: number): void {}

  resize(_maxEntries: number): void {}

  clear(): void {
    resetQueue(this.#table.records, 0);
  }
}
