import type { EntryTable } from '../memory/entries/entry-table.ts';
import type { EvictionContext, EvictionPolicy, Share } from './eviction-policy.ts';
import { appendTo, oldestOf, resetQueue, unlink, unlinkOldest } from './slot-queue.ts';

/** First in, first out: the entry that was inserted first leaves; a new value keeps the place. */
export class FifoPolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = 1;
  static readonly isLight: boolean = true;
  readonly #table: EntryTable<Key, Value>;

  constructor({ table }: EvictionContext<Key, Value>) {
    this.#table = table;
    this.clear();
  }

  arrive(_links: Int32Array, _key: Key, _weight: number): void {}

  insert(links: Int32Array, slot: number): void {
    appendTo(links, 0, slot);
  }

  hit(_links: Int32Array, _slot: number): void {}

  reweigh(_slot: number, _weight: number): void {}

  update(_links: Int32Array, _slot: number): void {}

  victim(links: Int32Array): number {
    return oldestOf(links, 0);
  }

  evict(links: Int32Array, _slot: number): void {
    unlinkOldest(links, 0);
  }

  remove(links: Int32Array, slot: number): void {
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

  grow(_capacity: number): void {}

  resize(_share: Share): void {}

  clear(): void {
    resetQueue(this.#table.links, 0);
  }
}
