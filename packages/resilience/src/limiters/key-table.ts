/** The slot of all keys that have none of their own, since the table is full. */
export const OVERFLOW = 0;
/** The slot of those who say no key. */
export const SHARED = 1;
/** The first slot of a key. */
const FIRST = 2;
const FIRST_CAPACITY = 16;

/** How many slots a new key looks at for one that is idle: more leave than come. */
const SWEPT = 2;
/** How many it looks at when there is no room. */
const SWEPT_WHEN_FULL = 64;

/** What a {@link KeyTable} is for. */
export interface SlotOwner {
  resize(capacity: number): void;
  /** Nothing is lost when the slot is another key's. */
  isIdle(slot: number, now: number): boolean;
  copy(from: number, to: number): void;
}

/**
 * Which key has which slot. There is no timer: each new key looks at a few slots in turn, and frees those that are
 * idle. With no room for it, it is {@link OVERFLOW}'s; what counts against that counts against later keys from the
 * start, since they may have been of it.
 */
export class KeyTable {
  readonly #maxKeys: number;
  readonly #owner: SlotOwner;
  readonly #onFull: () => void;
  readonly #slots = new Map<string, number>();
  /** Of each slot from {@link FIRST} on. */
  readonly #keys: (string | undefined)[] = [];
  readonly #free: number[] = [];
  #capacity = 0;
  #hand = 0;
  #isFull = false;

  /** @param onFull is told when a key finds no room that the one before found */
  constructor(maxKeys: number, owner: SlotOwner, onFull: () => void) {
    this.#maxKeys = maxKeys;
    this.#owner = owner;
    this.#onFull = onFull;
    this.#grow(FIRST_CAPACITY);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The key's slot; a new one is made for a new key. */
  slotOf(key: string, now: number): number {
    return this.#slots.get(key) ?? this.#add(key, now);
  }

  /** The slot that the key has, or would begin with. */
  find(key: string): number {
    return key === '' ? SHARED : (this.#slots.get(key) ?? OVERFLOW);
  }

  #add(key: string, now: number): number {
    this.#sweep(SWEPT, now);
    const isFull = (): boolean => this.#free.length === 0 && this.#keys.length >= this.#maxKeys;
    if (isFull()) this.#sweep(SWEPT_WHEN_FULL, now);
    if (isFull()) {
      if (!this.#isFull) {
        this.#isFull = true;
        this.#onFull();
      }
      return OVERFLOW;
    }
    this.#isFull = false;
    const slot = this.#free.pop() ?? this.#keys.length + FIRST;
    if (slot >= this.#capacity) this.#grow(this.#capacity * 2);
    this.#keys[slot - FIRST] = key;
    this.#slots.set(key, slot);
    this.#owner.copy(OVERFLOW, slot);
    return slot;
  }

  #sweep(count: number, now: number): void {
    const most = Math.min(count, this.#keys.length);
    for (let looked = 0; looked < most; looked++) {
      if (this.#hand >= this.#keys.length) this.#hand = 0;
      const place = this.#hand++;
      const key = this.#keys[place];
      if (key === undefined || !this.#owner.isIdle(place + FIRST, now)) continue;
      this.#slots.delete(key);
      this.#keys[place] = undefined;
      this.#free.push(place + FIRST);
    }
  }

  #grow(capacity: number): void {
    this.#capacity = Math.min(capacity, this.#maxKeys + FIRST);
    this.#owner.resize(this.#capacity);
  }
}
