import type { Cell } from '../series/slabs.ts';
import type { ScalarView } from './family-view.ts';
import type { Gauge } from './gauge.ts';

/** One gauge of a metric. */
export class GaugeSeries implements Gauge, ScalarView {
  readonly labelValues: readonly string[];
  readonly labelText: string;
  linePrefix: string | undefined;
  readonly exemplar = undefined;
  #slab: Float64Array;
  #at: number;

  constructor(labelValues: readonly string[], labelText: string, cell: Cell) {
    this.labelValues = labelValues;
    this.labelText = labelText;
    this.#slab = cell.slab;
    this.#at = cell.at;
  }

  set(value: number): void {
    this.#slab[this.#at] = value;
  }

  inc(amount = 1): void {
    this.#slab[this.#at] = (this.#slab[this.#at] as number) + amount;
  }

  dec(amount = 1): void {
    this.#slab[this.#at] = (this.#slab[this.#at] as number) - amount;
  }

  get value(): number {
    return this.#slab[this.#at] as number;
  }

  /** Goes on by itself. @returns its place in the registry, which it has left */
  detach(): Cell {
    const cell = { slab: this.#slab, at: this.#at };
    this.#slab = Float64Array.of(this.value);
    this.#at = 0;
    return cell;
  }
}
