import type { Series } from '../../trends/series.ts';

/** How many points a window is remembered by. */
const POINTS = 120;

/** A value over the last so many milliseconds, as the means of equal stretches: in memory of a fixed size, however often it is read. */
export class MeanSeries {
  readonly #length: number;
  readonly #step: number;
  readonly #times: number[] = [];
  readonly #values: number[] = [];
  #started: number | undefined;
  #sum = 0;
  #count = 0;

  constructor(length: number) {
    this.#length = length;
    this.#step = length / POINTS;
  }

  /** @returns whether a point has become complete */
  add(now: number, value: number): boolean {
    const isComplete = this.#started !== undefined && now - this.#started >= this.#step;
    if (isComplete) this.#complete(now);
    this.#started ??= now;
    this.#sum += value;
    this.#count++;
    return isComplete;
  }

  /** The complete points. */
  read(): Series {
    return { times: this.#times, values: this.#values };
  }

  #complete(now: number): void {
    this.#times.push(this.#started ?? now);
    this.#values.push(this.#sum / this.#count);
    while (now - (this.#times[0] ?? now) > this.#length) {
      this.#times.shift();
      this.#values.shift();
    }
    this.#started = undefined;
    this.#sum = 0;
    this.#count = 0;
  }
}
