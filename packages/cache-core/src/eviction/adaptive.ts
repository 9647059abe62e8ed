import type { Room } from './adaptive/configuration.ts';
import { RESERVED, SAMPLED, USED } from './adaptive/entry-word.ts';
import { firstOf } from './adaptive/queue-order.ts';
import { Steering } from './adaptive/steering.ts';
import { WTinyLfu } from './adaptive/w-tiny-lfu.ts';
import type { EvictionContext, EvictionPolicy, Share } from './eviction-policy.ts';
import { hashKey, mix } from './key-hash.ts';

/**
 * A W-TinyLFU that adapts itself: see {@link WTinyLfu} for what it does with an entry and
 * {@link Steering} for how it finds the way to run that suits the workload. A hit sets one bit.
 *
 * Objects and functions as keys have no hash: they take part, but are forgotten when they leave.
 */
export class AdaptivePolicy<Key, Value> implements EvictionPolicy<Key> {
  static readonly reserved: number = RESERVED;
  static readonly isLight: boolean = false;
  readonly #context: EvictionContext<Key, Value>;
  readonly #seed: number;
  readonly #weighed: boolean;
  #share: Share;
  #queues: WTinyLfu;
  #steering: Steering;
  /** The queues' own, so that a hit has no further to go. */
  #words: Uint16Array;
  // Of the key that `arrive` was told of.
  #sampled = false;
  /** Objects that came so far. */
  #anonymous = 0;

  constructor(context: EvictionContext<Key, Value>) {
    this.#context = context;
    this.#seed = context.seed;
    this.#weighed = context.share.bytes !== Infinity;
    this.#share = context.share;
    this.#steering = new Steering(context.share.entries);
    this.#queues = this.#emptyQueues();
    this.#words = this.#queues.words;
  }

  arrive(links: Int32Array, key: Key, weight: number): void {
    const hash = hashKey(key, this.#seed) ?? mix(this.#seed ^ ++this.#anonymous);
    this.#sampled = this.#steering.samples(hash);
    // Before anything has changed: a clock may throw.
    if (this.#sampled) this.#readTime();
    this.#queues.arrive(links, hash, this.#weighed ? weight : 1);
  }

  insert(links: Int32Array, slot: number): void {
    this.#queues.insert(links, slot, this.#sampled);
    if (this.#sampled) this.#use(slot);
  }

  hit(_links: Int32Array, slot: number): void {
    const word = this.#words[slot] as number;
    if ((word & (USED | SAMPLED)) === USED) return;
    this.#words[slot] = word | USED;
    if ((word & SAMPLED) === 0) return;
    this.#readTime();
    this.#use(slot);
  }

  update(links: Int32Array, slot: number): void {
    const word = this.#words[slot] as number;
    if ((word & SAMPLED) === 0) this.#words[slot] = word | USED;
    else this.#updateSampled(links, slot);
  }

  reweigh(slot: number, weight: number): void {
    this.#queues.reweigh(slot, weight);
  }

  victim(links: Int32Array): number {
    this.#readTime();
    return this.#queues.victim(links);
  }

  evict(links: Int32Array, slot: number): void {
    this.#queues.evict(links, slot);
  }

  remove(links: Int32Array, slot: number): void {
    const sampled = ((this.#words[slot] as number) & SAMPLED) !== 0;
    if (sampled) this.#steering.forget(this.#queues.hashes[slot] as number);
    this.#queues.remove(links, slot);
  }

  first(links: Int32Array): number {
    return firstOf(links);
  }

  detach(links: Int32Array, slot: number): void {
    this.#queues.remove(links, slot);
  }

  attach(links: Int32Array, slot: number): void {
    this.#queues.attach(links, slot);
  }

  admits(links: Int32Array, weight: number): boolean {
    return this.#queues.admits(links, weight);
  }

  grow(capacity: number): void {
    this.#queues.grow(capacity, this.#context.table.weights);
    this.#words = this.#queues.words;
  }

  resize(share: Share): void {
    if (share.entries === this.#share.entries && share.bytes === this.#share.bytes) return;
    this.#share = share;
    this.#steering = new Steering(share.entries);
    this.#queues.resize(this.#room(), this.#steering.configuration);
    this.#sampleAnew();
  }

  clear(): void {
    this.#steering = new Steering(this.#share.entries);
    this.#queues = this.#emptyQueues();
    this.#words = this.#queues.words;
  }

  #emptyQueues(): WTinyLfu {
    const { table } = this.#context;
    const { configuration } = this.#steering;
    const { capacity, weights } = table;
    const queues = new WTinyLfu(this.#room(), capacity, configuration, weights);
    queues.reset(table.links);
    return queues;
  }

  /** Marks the entries that are held as the new steering samples them: they may never come anew. */
  #sampleAnew(): void {
    const words = this.#words;
    const { hashes } = this.#queues;
    for (let slot = RESERVED; slot < this.#context.table.used; slot++) {
      const sampled = this.#steering.samples(hashes[slot] as number) ? SAMPLED : 0;
      words[slot] = ((words[slot] as number) & ~SAMPLED) | sampled;
    }
  }

  #updateSampled(links: Int32Array, slot: number): void {
    try {
      this.hit(links, slot);
    } catch {
      // The value is stored already: a clock that fails only keeps the use from the shadows.
    }
  }

  #room(): Room {
    const { entries, bytes } = this.#share;
    return { entries, weight: this.#weighed ? bytes : entries };
  }

  #readTime(): void {
    const { lifetimes } = this.#context;
    this.#queues.expiries = lifetimes.expiries;
    if (lifetimes.expiries !== undefined) this.#queues.now = lifetimes.now();
  }

  #use(slot: number): void {
    const { expiries } = this.#context.lifetimes;
    const expiry = expiries === undefined ? 0 : (expiries[slot] as number);
    const hash = this.#queues.hashes[slot] as number;
    if (this.#steering.use(hash, expiry, this.#queues.now)) {
      this.#queues.steer(this.#steering.configuration);
    }
  }
}
