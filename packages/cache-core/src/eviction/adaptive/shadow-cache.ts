import type { Configuration } from './configuration.ts';
import { RESERVED, USED } from './entry-word.ts';
import { WTinyLfu } from './w-tiny-lfu.ts';

/** A miniature cache of hashes without values, which shows how a configuration would do. */
export class ShadowCache {
  readonly #queues: WTinyLfu;
  readonly #links: Int32Array;
  /** Per slot, the number by which whoever asks knows the key. */
  readonly #owners: Int16Array;
  /** Per slot when the key's time is over, 0 for never. */
  readonly #expiries: Int32Array;
  readonly #slots: number;
  readonly #free: number[] = [];
  #used = RESERVED;
  hits = 0;
  /** Whose key the last {@link insert} gave up, 0 for nobody's. */
  givenUp = 0;

  constructor(capacity: number, configuration: Configuration) {
    this.#slots = RESERVED + capacity;
    this.#owners = new Int16Array(this.#slots);
    this.#expiries = new Int32Array(this.#slots);
    this.#links = new Int32Array(this.#slots << 1);
    const room = { entries: capacity, weight: capacity };
    this.#queues = new WTinyLfu(room, this.#slots, configuration);
    this.#queues.expiries = this.#expiries;
    this.#queues.reset(this.#links);
  }

  /** A key that is held is used, and its time will be over then. */
  hit(slot: number, expiry: number): void {
    this.hits++;
    this.#expiries[slot] = expiry;
    this.#queues.words[slot] = (this.#queues.words[slot] as number) | USED;
  }

  /** A key that is not held comes. @returns its slot */
  insert(hash: number, owner: number, expiry: number, now: number): number {
    this.#queues.now = now;
    this.#queues.arrive(this.#links, hash, 1);
    const slot = this.#place(now);
    this.#owners[slot] = owner;
    this.#expiries[slot] = expiry;
    this.#queues.insert(this.#links, slot, false);
    return slot;
  }

  /** A key that is held was deleted, or its time is over. */
  remove(slot: number): void {
    this.#queues.remove(this.#links, slot);
    this.#free.push(slot);
  }

  #place(now: number): number {
    this.givenUp = 0;
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used < this.#slots) return this.#used++;
    const slot = this.#queues.victim(this.#links);
    const expiry = this.#expiries[slot] as number;
    this.givenUp = this.#owners[slot] as number;
    if (expiry > 0 && expiry <= now) this.#queues.remove(this.#links, slot);
    else this.#queues.evict(this.#links, slot);
    return slot;
  }
}
