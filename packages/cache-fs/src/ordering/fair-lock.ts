/** A place in the queue of a {@link FairLock}, or its possession. */
export interface Place {
  readonly exclusive: boolean;
  granted: boolean;
  /** Called once, when the place is granted later. */
  wake: (() => void) | undefined;
}

/**
 * A lock that is held by one alone or shared by some, and granted strictly in the order in which it
 * was asked for. Places are taken synchronously, so that call order is lock order.
 */
export class FairLock {
  readonly #capacity: number;
  readonly #queue = new Set<Place>();
  #holders = 0;
  #heldAlone = false;

  /** @param capacity how many may share it @default Infinity */
  constructor(capacity: number = Infinity) {
    this.#capacity = capacity;
  }

  get idle(): boolean {
    return this.#holders === 0 && this.#queue.size === 0;
  }

  enter(exclusive: boolean): Place {
    const place: Place = { exclusive, granted: false, wake: undefined };
    if (this.#queue.size === 0 && this.#fits(exclusive)) this.#grant(place);
    else this.#queue.add(place);
    return place;
  }

  /** Gives the lock back, or the wait up. */
  leave(place: Place): void {
    if (place.granted) {
      this.#holders--;
      if (place.exclusive) this.#heldAlone = false;
    } else {
      this.#queue.delete(place);
    }
    for (const next of this.#queue) {
      if (!this.#fits(next.exclusive)) break;
      this.#queue.delete(next);
      this.#grant(next);
      next.wake?.();
    }
  }

  #fits(exclusive: boolean): boolean {
    return exclusive ? this.#holders === 0 : !this.#heldAlone && this.#holders < this.#capacity;
  }

  #grant(place: Place): void {
    place.granted = true;
    this.#holders++;
    this.#heldAlone = place.exclusive;
  }
}
