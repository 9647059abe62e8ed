import type { Clock, Timer } from '@perf/core';

/** What has something of late. */
export interface Windowed {
  /** Closes the present slot of time. */
  rotate(): void;
  /** Forgets slots before that tick. @returns whether there are any left */
  forget(oldest: number): boolean;
}

/** How many are moved on in one turn of the event loop. */
const AT_ONCE = 256;

/**
 * Moves all distributions of a registry on, from one slot of time to the next. Its timer runs only while one of them has something of
 * late.
 */
export class Windows {
  readonly #clock: Clock;
  readonly #resolution: number;
  /** How many slots are kept, the present one included. */
  readonly slots: number;
  #touched: Windowed[] = [];
  readonly #lasting = new Set<Windowed>();
  #timer: Timer | undefined;
  #closed = false;

  /** @param retention how long they count, in milliseconds */
  constructor(clock: Clock, resolution: number, retention: number) {
    this.#clock = clock;
    this.#resolution = resolution;
    this.slots = Math.ceil(retention / resolution) + 1;
  }

  /** The number of the present slot. */
  tick(): number {
    return Math.floor(this.#clock.now() / this.#resolution);
  }

  /** How many slots cover a time, in milliseconds, whole: the present one has only begun. */
  slotsOf(time: number): number {
    return Math.min(this.slots, Math.ceil(time / this.#resolution) + 1);
  }

  /** Called with the first observation of a slot. */
  touched(windowed: Windowed): void {
    this.#touched.push(windowed);
    this.#arm();
  }

  /** No timer runs any more; what is of late stays as it is. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#touched = [];
    this.#lasting.clear();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#closed) return;
    const now = this.#clock.now();
    const next = (Math.floor(now / this.#resolution) + 1) * this.#resolution;
    this.#timer = this.#clock.setTimer(() => {
      const touched = this.#touched;
      this.#touched = [];
      for (const one of touched) this.#lasting.add(one);
      this.#moveOn(this.#lasting.values(), this.tick() - this.slots + 1);
    }, next - now);
  }

  #moveOn(rest: Iterator<Windowed>, oldest: number): void {
    for (let count = 0; count < AT_ONCE; count++) {
      const { done, value: windowed } = rest.next();
      if (done === true) {
        this.#timer = undefined;
        if (this.#lasting.size > 0 || this.#touched.length > 0) this.#arm();
        return;
      }
      windowed.rotate();
      if (!windowed.forget(oldest)) this.#lasting.delete(windowed);
    }
    this.#timer = this.#clock.setTimer(() => {
      this.#moveOn(rest, oldest);
    }, 0);
  }
}
