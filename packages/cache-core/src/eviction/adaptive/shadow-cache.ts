import { RESERVED, USED, WTinyLfu, type Configuration } from './w-tiny-lfu.ts';

/** A miniature cache of hashes without values, which shows how a configuration would do. */
export class ShadowCache {
  readonly #queues: WTinyLfu;
  readonly #links: Int32Array;
  /** Per slot, the number by which whoever asks knows the key. */
  readonly #owners: Int16Array;
  readonly #slots: number;
  #used = RESERVED;
  hits = 0;
  /** Whose key the last {@link insert} gave up, 0 for nobody's. */
  givenUp = 0;

  constructor(capacity: number, configuration: Configuration) {
    this.#slots = RESERVED + capacity;
    this.#queues = new WTinyLfu(capacity, this.#slots, configuration);
    this.#links = new Int32Array(this.#slots << 1);
    this.#owners = new Int16Array(this.#slots);
    this.#queues.reset(this.#links);
  }

  /** A key that is held is used. */
  hit(slot: number): void {
    this.hits++;
    this.#queues.words[slot] = (this.#queues.words[slot] as number) | USED;
  }

  /** A key that is not held comes. @returns its slot */
  insert(hash: number, owner: number): number {
    const known = this.#queues.arrive(this.#links, hash);
    let slot: number;
    this.givenUp = 0;
    if (this.#used < this.#slots) slot = this.#used++;
    else {
      slot = this.#queues.victim(this.#links);
      this.#queues.evict(this.#links, slot);
      this.givenUp = this.#owners[slot] as number;
    }
    this.#owners[slot] = owner;
    this.#queues.insert(this.#links, slot, hash, known, false);
    return slot;
  }
}
