import type { EntryTable } from '../memory/entries/entry-table.ts';
import type { EvictionContext, EvictionPolicy, Share } from './eviction-policy.ts';
import { appendTo, oldestOf, resetQueue, toEnd, unlink, unlinkOldest } from './slot-queue.ts';

/** Least recently used: the entry that was neither read nor written for the longest time leaves. */
export class LruPolicy<Key, Value> implements EvictionPolicy<Key> {
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

  hit(links: Int32Array, slot: number): void {
    toEnd(links, 0, slot);
  }

  reweigh(_slot: number, _weight: number): void {}

  update(links: Int32Array, slot: number): void {
    this.hit(links, slot);
  }

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
