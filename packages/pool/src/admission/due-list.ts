import type { Clock, Timer } from '@perf/core';

/** Something that ends at a time unless it is removed from its {@link DueList} before. */
export abstract class DueEntry {
  /** When it is due; the list's, as the fields below. */
  due = 0;
  earlier: DueEntry | undefined;
  later: DueEntry | undefined;
  isListed = false;

  /** It is due. It is in no list any more. Must not throw. */
  abstract expire(): void;
}

/**
 * Deadlines behind one timer. Entries come mostly in the order in which they are due, as they do when all last equally long:
 * adding and removing one then takes constant time and sets no timer. The timer keeps the process alive while the list has
 * entries; the last one leaves it behind, until it runs once.
 */
export class DueList {
  readonly #clock: Clock;
  #earliest: DueEntry | undefined;
  #latest: DueEntry | undefined;
  #timer: Timer | undefined;
  #armedFor = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#earliest === undefined;
  }

  /**
   * @param due monotonic milliseconds, finite
   * @param now the clock's reading
   */
  add(entry: DueEntry, due: number, now: number): void {
    let earlier = this.#latest;
    while (earlier !== undefined && earlier.due > due) earlier = earlier.earlier;
    const later = earlier === undefined ? this.#earliest : earlier.later;
    entry.due = due;
    entry.earlier = earlier;
    entry.later = later;
    entry.isListed = true;
    if (later === undefined) this.#latest = entry;
    else later.earlier = entry;
    if (earlier === undefined) {
      this.#earliest = entry;
      this.#arm(now);
    } else {
      earlier.later = entry;
    }
  }

  /** Nothing happens when it is not in the list. */
  remove(entry: DueEntry): void {
    if (!entry.isListed) return;
    const { earlier, later } = entry;
    if (earlier === undefined) this.#earliest = later;
    else earlier.later = later;
    if (later === undefined) this.#latest = earlier;
    else later.earlier = earlier;
    entry.earlier = undefined;
    entry.later = undefined;
    entry.isListed = false;
    if (this.#earliest === undefined) this.#timer?.keepAlive(false);
  }

  /** Leaves no timer behind. The list has to be empty, and to stay so. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** For the earliest entry, unless the timer runs before that anyway. */
  #arm(now: number): void {
    const earliest = this.#earliest;
    if (earliest === undefined) return;
    if (this.#timer !== undefined && this.#armedFor <= earliest.due) {
      if (earliest.later === undefined) this.#timer.keepAlive(true);
      return;
    }
    this.#timer?.cancel();
    this.#armedFor = earliest.due;
    this.#timer = this.#clock.setTimer(this.#onTimer, Math.ceil(earliest.due - now), {
      keepAlive: true,
    });
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (
      let entry = this.#earliest;
      entry !== undefined && entry.due <= now;
      entry = this.#earliest
    ) {
      this.remove(entry);
      entry.expire();
    }
    this.#arm(now);
  };
}
