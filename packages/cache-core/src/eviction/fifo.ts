import type { EntryTable } from '../memory/entry-table.ts';
import type { EvictionContext, EvictionPolicy } from './eviction-policy.ts';
import { appendTo, oldestOf, resetQueue, unlink } from './slot-queue.ts';

/** First in, first out: the entry that was inserted first leaves; a new value keeps the place. */
export class FifoPolicy<Key, Value> implements EvictionPolicy<Key> {
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

  hit(_slot: number): void {}

  update(_slot: number): void {}

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
