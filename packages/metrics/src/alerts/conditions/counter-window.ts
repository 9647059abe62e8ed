/** How many points a window is remembered by. */
const POINTS = 60;

/** Two counters over the last so many milliseconds, by at most 61 readings of the past. */
export class CounterWindow {
  readonly #length: number;
  readonly #step: number;
  /** The oldest first: time, bad, total. */
  #points: (readonly [number, number, number])[] = [];

  constructor(length: number) {
    this.#length = length;
    this.#step = length / POINTS;
  }

  /** @param bad and `total` are counters that never become smaller. @returns what was added within the window, or since the first reading */
  add(now: number, bad: number, total: number): { readonly bad: number; readonly total: number } {
    const points = this.#points;
    const newest = points.at(-1);
    if (newest === undefined || now - newest[0] >= this.#step) points.push([now, bad, total]);
    // The last one before the window stays: what was added within is counted from it.
    let old = 0;
    while (old + 1 < points.length && now - (points[old + 1]?.[0] ?? now) >= this.#length) old++;
    if (old > 0) this.#points = points.slice(old);
    const [, badThen, totalThen] = this.#points[0] ?? [now, bad, total];
    return { bad: bad - badThen, total: total - totalThen };
  }
}

/** A counter that goes on where one that began anew had been. */
export class ResetProofCounter {
  #total = 0;
  #last: number | undefined;

  /** What was counted before the first reading does not count. */
  add(value: number): number {
    if (this.#last !== undefined) this.#total += value >= this.#last ? value - this.#last : value;
    this.#last = value;
    return this.#total;
  }
}
