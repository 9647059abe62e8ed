/** The values of one series at the last steps; `NaN` where it was not there. */
export class ValueRing {
  readonly #values: Float64Array;
  /** The step of the newest value. */
  #newest = -1;

  constructor(steps: number) {
    this.#values = new Float64Array(steps).fill(Number.NaN);
  }

  get newest(): number {
    return this.#newest;
  }

  /** @param step one later than all before */
  put(step: number, value: number): void {
    const { length } = this.#values;
    const missed = Math.min(step - this.#newest - 1, length);
    for (let back = 1; back <= missed; back++) this.#values[(step - back) % length] = Number.NaN;
    this.#values[step % length] = value;
    this.#newest = step;
  }

  /** The value at a step of the last ones. */
  at(step: number): number {
    const { length } = this.#values;
    if (step > this.#newest || step <= this.#newest - length || step < 0) return Number.NaN;
    return this.#values[step % length] as number;
  }
}
