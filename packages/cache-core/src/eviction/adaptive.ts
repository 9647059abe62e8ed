import type { EntryTable } from '../memory/entry-table.ts';
import { Steering } from './adaptive/steering.ts';
import { RESERVED, SAMPLED, USED, WTinyLfu } from './adaptive/w-tiny-lfu.ts';
import type { EvictionContext, EvictionPolicy } from './eviction-policy.ts';
import { hashKey, mix } from './key-hash.ts';

/**
 * A W-TinyLFU that adapts itself: see {@link WTinyLfu} for what it does with an entry and
 * {@link Steering} for how it finds the window that suits the workload. A hit sets one bit.
 *
 * Objects and functions as keys have no hash: they take part, but are forgotten when they leave.
 */
export class AdaptivePolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = RESERVED;
  readonly #table: EntryTable<Key, Value>;
  readonly #seed: number;
  readonly #context: EvictionContext<Key, Value>;
  #share: number;
  #queues: WTinyLfu;
  #steering: Steering;
  /** The queues' own, so that a hit has no further to go. */
  #words: Uint8Array;
  /** Of the key that {@link arrive} was told of. */
  #hash = 0;
  #known = 0;
  /** Objects that came so far. */
  #anonymous = 0;

  constructor(context: EvictionContext<Key, Value>) {
    this.#context = context;
    this.#table = context.table;
    this.#seed = context.seed;
    this.#share = context.share;
    this.#steering = new Steering(this.#share);
    this.#queues = this.#emptyQueues();
    this.#words = this.#queues.words;
  }

  arrive(links: Int32Array, key: Key): void {
    this.#hash = hashKey(key, this.#seed) ?? mix(this.#seed ^ ++this.#anonymous);
    this.#known = this.#queues.arrive(links, this.#hash);
  }

  insert(links: Int32Array, slot: number): void {
    const sampled = this.#steering.samples(this.#hash);
    this.#queues.insert(links, slot, this.#hash, this.#known, sampled);
    if (sampled) this.#use(this.#hash);
  }

  hit(_links: Int32Array, slot: number): void {
    const word = this.#words[slot] as number;
    if ((word & (USED | SAMPLED)) === USED) return;
    this.#words[slot] = word | USED;
    if ((word & SAMPLED) !== 0) this.#use(this.#queues.hashes[slot] as number);
  }

  update(links: Int32Array, slot: number): void {
    this.hit(links, slot);
  }

  victim(links: Int32Array): number {
    return this.#queues.victim(links);
  }

  evict(links: Int32Array, slot: number): void {
    this.#queues.evict(links, slot);
  }

  remove(links: Int32Array, slot: number): void {
    this.#queues.remove(links, slot);
  }

  grow(capacity: number): void {
    this.#queues.grow(capacity);
    this.#words = this.#queues.words;
  }

  resize(share: number): void {
    if (share === this.#share) return;
    this.#share = share;
    this.#steering = new Steering(share);
    this.#queues.resize(share, this.#steering.configuration);
  }

  clear(): void {
    this.#steering = new Steering(this.#share);
    this.#queues = this.#emptyQueues();
    this.#words = this.#queues.words;
  }

  #emptyQueues(): WTinyLfu {
    const { table, lifetimes } = this.#context;
    const { configuration } = this.#steering;
    const queues = new WTinyLfu(this.#share, table.capacity, configuration, lifetimes);
    queues.reset(this.#table.links);
    return queues;
  }

  #use(hash: number): void {
    if (this.#steering.use(hash)) this.#queues.steer(this.#steering.configuration);
  }
}
