import type { TimeSeries } from './profile.ts';

/** Points closer than this, in milliseconds, are one: the lowest. */
const SPACING = 1000;
const MOST = 1000;

/** What the heap held after full collections. A process that collects all the time has a point a second, so that the series spans a while. */
export class GcHeapSeries {
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  add(time: number, bytes: number): void {
    const last = this.#times.length - 1;
    const lastTime = this.#times[last];
    if (lastTime !== undefined && Math.abs(time - lastTime) < SPACING) {
      this.#values[last] = Math.min(this.#values[last] ?? bytes, bytes);
      return;
    }
    this.#times.push(time);
    this.#values.push(bytes);
    if (this.#times.length > MOST) {
      this.#times.shift();
      this.#values.shift();
    }
  }

  read(): TimeSeries {
    return { times: Float64Array.from(this.#times), values: Float64Array.from(this.#values) };
  }
}
