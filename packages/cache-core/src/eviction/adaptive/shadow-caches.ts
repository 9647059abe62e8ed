import type { Configuration } from './configuration.ts';
import { ShadowCache } from './shadow-cache.ts';

/**
 * Shadow caches of the same capacity, one per configuration, that are shown the same keys. They share
 * one hash table from key to the slot in each, so that a key all hold costs one look-up.
 */
export class ShadowCaches {
  readonly #caches: readonly ShadowCache[];
  readonly #buckets: Int16Array;
  /** Records of the table, from 1 on: at most as many as there are places in all shadows, and one. */
  readonly #hashes: Int32Array;
  readonly #next: Int16Array;
  /** Per record: when the key's time is over, 0 for never. */
  readonly #expiries: Int32Array;
  /** Per record and shadow: the slot, 0 where the key is not held. */
  readonly #slots: Int16Array;
  #free = 0;
  #used = 1;

  constructor(capacity: number, configurations: readonly Configuration[]) {
    const records = capacity * configurations.length + 2;
    let buckets = 4;
    while (buckets < records) buckets *= 2;
    this.#buckets = new Int16Array(buckets);
    this.#hashes = new Int32Array(records);
    this.#next = new Int16Array(records);
    this.#expiries = new Int32Array(records);
    this.#slots = new Int16Array(records * configurations.length);
    this.#caches = configurations.map((one) => new ShadowCache(capacity, one));
  }

  /**
   * The key is used: in each shadow a hit, or a miss that stores it.
   * @param expiry when its time will be over, a whole number; 0 or less for never
   * @param now the time, in the same terms
   */
  access(hash: number, expiry: number, now: number): void {
    const caches = this.#caches;
    const record = this.#findLive(hash, now) || this.#take(hash);
    this.#expiries[record] = expiry;
    const first = record * caches.length;
    for (let i = 0; i < caches.length; i++) {
      const slot = this.#slots[first + i] as number;
      const cache = caches[i] as ShadowCache;
      if (slot !== 0) cache.hit(slot, expiry);
      else {
        this.#slots[first + i] = cache.insert(hash, record, expiry, now);
        if (cache.givenUp !== 0) this.#dropped(cache.givenUp, i);
      }
    }
  }

  /** The key was deleted, or its time is over. */
  forget(hash: number): void {
    const record = this.#find(hash);
    if (record !== 0) this.#forget(record);
  }

  /** The hits of a shadow since it was last asked. */
  takeHits(index: number): number {
    const cache = this.#caches[index] as ShadowCache;
    const { hits } = cache;
    cache.hits = 0;
    return hits;
  }

  #bucketOf(hash: number): number {
    return hash & (this.#buckets.length - 1);
  }

  #find(hash: number): number {
    let record = this.#buckets[this.#bucketOf(hash)] as number;
    while (record !== 0 && this.#hashes[record] !== hash) record = this.#next[record] as number;
    return record;
  }

  #findLive(hash: number, now: number): number {
    const record = this.#find(hash);
    const expiry = this.#expiries[record] as number;
    if (record === 0 || expiry <= 0 || expiry > now) return record;
    this.#forget(record);
    return 0;
  }

  #take(hash: number): number {
    let record = this.#free;
    if (record === 0) record = this.#used++;
    else this.#free = this.#next[record] as number;
    const bucket = this.#bucketOf(hash);
    this.#hashes[record] = hash;
    this.#next[record] = this.#buckets[bucket] as number;
    this.#buckets[bucket] = record;
    return record;
  }

  #forget(record: number): void {
    const caches = this.#caches;
    const first = record * caches.length;
    for (let i = 0; i < caches.length; i++) {
      const slot = this.#slots[first + i] as number;
      if (slot === 0) continue;
      (caches[i] as ShadowCache).remove(slot);
      this.#slots[first + i] = 0;
    }
    this.#release(record);
  }

  /** A shadow no longer holds the record's key; the record goes when none does. */
  #dropped(record: number, shadow: number): void {
    const count = this.#caches.length;
    const first = record * count;
    this.#slots[first + shadow] = 0;
    for (let i = 0; i < count; i++) if (this.#slots[first + i] !== 0) return;
    this.#release(record);
  }

  #release(record: number): void {
    const bucket = this.#bucketOf(this.#hashes[record] as number);
    const next = this.#next[record] as number;
    let before = this.#buckets[bucket] as number;
    if (before === record) this.#buckets[bucket] = next;
    else {
      while (this.#next[before] !== record) before = this.#next[before] as number;
      this.#next[before] = next;
    }
    this.#next[record] = this.#free;
    this.#free = record;
  }
}
