import { ExponentialHistogram } from '../exponential/exponential-histogram.ts';
import { PackedHistogram } from './packed-histogram.ts';
import type { Windowed, Windows } from './windows.ts';

/** A distribution since the start, and of late. */
export class WindowedHistogram implements Windowed {
  readonly #windows: Windows | undefined;
  readonly #total = new ExponentialHistogram();
  /** What is not in the total yet: all of the present slot of time. */
  readonly #present: ExponentialHistogram;
  /** Oldest first. */
  #past: readonly PackedHistogram[] = [];
  #presentTick = 0;

  /** @param windows `undefined` where nothing is to be kept of late */
  constructor(windows: Windows | undefined) {
    this.#windows = windows;
    this.#present = windows === undefined ? this.#total : new ExponentialHistogram();
  }

  /** Takes one observation. @param value a finite number from 0 on; nothing checks it */
  record(value: number): void {
    const present = this.#present;
    if (present.count === 0) this.#begin();
    present.record(value);
  }

  get count(): number {
    return this.#total.count + (this.#present === this.#total ? 0 : this.#present.count);
  }

  get sum(): number {
    return this.#total.sum + (this.#present === this.#total ? 0 : this.#present.sum);
  }

  /** The largest of the present slot of time. */
  get presentMax(): number {
    return this.#present.max;
  }

  /** A copy of everything since the start. */
  total(): ExponentialHistogram {
    const all = new ExponentialHistogram();
    all.merge(this.#total);
    if (this.#present !== this.#total) all.merge(this.#present);
    return all;
  }

  /** A copy of the last `slots` slots of time, the present one included. */
  window(slots: number): ExponentialHistogram {
    const windows = this.#windows;
    if (windows === undefined) return new ExponentialHistogram();
    const oldest = windows.tick() - slots + 1;
    const merged = new ExponentialHistogram();
    for (const slot of this.#past) if (slot.tick >= oldest) slot.addTo(merged);
    if (this.#presentTick >= oldest) merged.merge(this.#present);
    return merged;
  }

  rotate(): void {
    if (this.#present.count === 0) return;
    this.#total.merge(this.#present);
    this.#past = [...this.#past, new PackedHistogram(this.#presentTick, this.#present)];
    this.#present.clear();
  }

  forget(oldest: number): boolean {
    this.#past = this.#past.filter(({ tick }) => tick >= oldest);
    return this.#past.length > 0;
  }

  #begin(): void {
    if (this.#windows === undefined) return;
    this.#presentTick = this.#windows.tick();
    this.#windows.touched(this);
  }
}
