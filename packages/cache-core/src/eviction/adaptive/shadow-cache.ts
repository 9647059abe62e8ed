import type { Configuration } from './configuration.ts';
import { RESERVED, USED, WTinyLfu } from './w-tiny-lfu.ts';

/** What a shadow cache knows of a key's lifetime, by the number under which the key is known. */
export interface OwnerExpiry {
  readonly expiring: number;
  isOver(owner: number): boolean;
}

/** A miniature cache of hashes without values, which shows how a configuration would do. */
export class ShadowCache {
  readonly #queues: WTinyLfu;
  readonly #links: Int32Array;
  readonly #expiry: OwnerExpiry;
  /** Per slot, the number by which whoever asks knows the key. */
  readonly #owners: Int16Array;
  readonly #slots: number;
  readonly #free: number[] = [];
  #used = RESERVED;
  hits = 0;
  /** Whose key the last {@link insert} gave up, 0 for nobody's. */
  givenUp = 0;

  constructor(capacity: number, configuration: Configuration, expiry: OwnerExpiry) {
    this.#slots = RESERVED + capacity;
    this.#owners = new Int16Array(this.#slots);
    this.#links = new Int32Array(this.#slots << 1);
    this.#expiry = expiry;
    const room = { entries: capacity, weight: capacity };
    this.#queues = new WTinyLfu(room, this.#slots, configuration, {
      get expiring() {
        return expiry.expiring;
      },
      isOver: (slot) => expiry.isOver(this.#owners[slot] as number),
    });
    this.#queues.reset(this.#links);
  }

  /** A key that is held is used. */
  hit(slot: number): void {
    this.hits++;
    this.#queues.words[slot] = (this.#queues.words[slot] as number) | USED;
  }

  /** A key that is not held comes. @returns its slot */
  insert(hash: number, owner: number): number {
    this.#queues.arrive(this.#links, hash, 1);
    const slot = this.#place();
    this.#owners[slot] = owner;
    this.#queues.insert(this.#links, slot, false);
    return slot;
  }

  /** A key that is held was deleted, or its time is over. */
  remove(slot: number): void {
    this.#queues.remove(this.#links, slot);
    this.#free.push(slot);
  }

  #place(): number {
    this.givenUp = 0;
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used < this.#slots) return this.#used++;
    const slot = this.#queues.victim(this.#links);
    this.givenUp = this.#owners[slot] as number;
    if (this.#expiry.isOver(this.givenUp)) this.#queues.remove(this.#links, slot);
    else this.#queues.evict(this.#links, slot);
    return slot;
  }
}
