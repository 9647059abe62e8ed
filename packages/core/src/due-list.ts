import type { Clock, Timer } from './clock.ts';
import { comesBefore, DueHeap } from './due-heap.ts';

/** Something that ends at a time unless it is removed from its {@link DueList} before. The list sets its fields. */
export abstract class DueEntry {
  /** When it is due. */
  due = 0;
  /** How many came before it. */
  order = 0;
  earlier: DueEntry | undefined;
  later: DueEntry | undefined;
  /** Where it is in the heap, -1 when it is not. */
  place = -1;
  isListed = false;

  /** It is due. It is in no list any more. Must not throw. */
  abstract expire(): void;
}

/**
 * Deadlines behind one timer. Entries come mostly in the order in which they are due, as they do when all last equally long: they
 * are linked, and adding and removing one takes constant time and sets no timer. One that is due before an entry that came
 * earlier goes into a heap, which takes logarithmic time. The timer keeps the process alive while there are entries; the last one
 * leaves it behind, until it runs once.
 */
export class DueList {
  readonly #clock: Clock;
  #first: DueEntry | undefined;
  #latest: DueEntry | undefined;
  readonly #outOfOrder = new DueHeap();
  #added = 0;
  #timer: Timer | undefined;
  #armedFor = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#first === undefined && this.#outOfOrder.isEmpty;
  }

  get #earliest(): DueEntry | undefined {
    const first = this.#first;
    const { top } = this.#outOfOrder;
    if (first === undefined || top === undefined) return first ?? top;
    return comesBefore(top, first) ? top : first;
  }

  /**
   * @param due monotonic milliseconds, finite
   * @param now the clock's reading
   */
  add(entry: DueEntry, due: number, now: number): void {
    const wasEmpty = this.isEmpty;
    entry.due = due;
    entry.order = this.#added++;
    entry.isListed = true;
    const latest = this.#latest;
    if (latest === undefined) {
      this.#first = entry;
      this.#latest = entry;
    } else if (latest.due <= due) {
      entry.earlier = latest;
      latest.later = entry;
      this.#latest = entry;
    } else {
      this.#outOfOrder.add(entry);
    }
    if (this.#timer === undefined || due < this.#armedFor) this.#arm(due, now);
    else if (wasEmpty) this.#timer.keepAlive(true);
  }

  /** Nothing happens when it is not in the list. */
  remove(entry: DueEntry): void {
    if (!entry.isListed) return;
    entry.isListed = false;
    if (entry.place >= 0) this.#outOfOrder.remove(entry);
    else this.#unlink(entry);
    if (this.isEmpty) this.#timer?.keepAlive(false);
  }

  /** Leaves no timer behind. The list has to be empty, and to stay so. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #unlink(entry: DueEntry): void {
    const { earlier, later } = entry;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#latest = earlier;
    else later.earlier = earlier;
    entry.earlier = undefined;
    entry.later = undefined;
  }

  #arm(due: number, now: number): void {
    this.#timer?.cancel();
    this.#armedFor = due;
    this.#timer = this.#clock.setTimer(this.#onTimer, Math.ceil(due - now), { keepAlive: true });
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const now = this.#clock.now();
    let entry = this.#earliest;
    for (; entry !== undefined && entry.due <= now; entry = this.#earliest) {
      this.remove(entry);
      entry.expire();
    }
    // One that expired may have added another, and armed the timer for that.
    if (entry !== undefined && (this.#timer === undefined || entry.due < this.#armedFor)) {
      this.#arm(entry.due, now);
    }
  };
}
