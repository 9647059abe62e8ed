import type { Labels } from '../series/labels.ts';
import type { Cell } from '../series/slabs.ts';
import type { Counter } from './counter.ts';
import { exemplarOf, type Exemplar } from './exemplar.ts';
import type { ExemplarSource } from './exemplars.ts';
import type { ScalarView } from './family-view.ts';

/** One counter of a metric. */
export class CounterSeries implements Counter, ScalarView {
  readonly labelValues: readonly string[];
  readonly labelText: string;
  linePrefix: string | undefined;
  exemplar: Exemplar | undefined;
  #slab: Float64Array;
  #at: number;
  readonly #source: ExemplarSource;
  readonly #refuse: (value: number) => void;

  constructor(
    labelValues: readonly string[],
    labelText: string,
    cell: Cell,
    source: ExemplarSource,
    refuse: (value: number) => void,
  ) {
    this.labelValues = labelValues;
    this.labelText = labelText;
    this.#slab = cell.slab;
    this.#at = cell.at;
    this.#source = source;
    this.#refuse = refuse;
  }

  inc(amount = 1, exemplar?: Labels): void {
    if (!(typeof amount === 'number' && amount >= 0 && amount < Infinity)) {
      this.#refuse(amount);
      return;
    }
    this.#slab[this.#at] = (this.#slab[this.#at] as number) + amount;
    if (exemplar !== undefined) {
      this.exemplar = exemplarOf(exemplar, amount, this.#source.clock.epoch()) ?? this.exemplar;
    }
  }

  get value(): number {
    return this.#slab[this.#at] as number;
  }

  /** Counts on by itself. @returns its place in the registry, which it has left */
  detach(): Cell {
    const cell = { slab: this.#slab, at: this.#at };
    this.#slab = Float64Array.of(this.value);
    this.#at = 0;
    return cell;
  }
}
