import type { ExponentialHistogram } from '../exponential/exponential-histogram.ts';
import type { Exemplar } from '../instruments/exemplar.ts';
import type { Aggregate } from '../instruments/metric-definition.ts';
import { SeriesIndex } from './series-index.ts';
import { unpackHistograms } from './snapshot-view.ts';
import type {
  HistogramSnapshot,
  MetricSnapshot,
  ScalarSnapshot,
  SummarySnapshot,
} from './snapshot.ts';
import { exemplarsOf, packHistograms } from './take-snapshot.ts';

/** One metric of several snapshots, while they are merged. */
export interface MetricMerger<Snapshot extends MetricSnapshot = MetricSnapshot> {
  /** @param at when the snapshot was taken */
  add(metric: Snapshot, at: number): void;
  result(): Snapshot;
}

/** Counters and gauges. */
export class ScalarMerger implements MetricMerger<ScalarSnapshot> {
  readonly #first: ScalarSnapshot;
  readonly #aggregate: Aggregate;
  readonly #index: SeriesIndex;
  readonly #exemplars = new ExemplarMerger();
  #values: Float64Array = new Float64Array(0);
  /** How many values came to each mean, or when each newest was taken. */
  #notes: Float64Array | undefined;

  constructor(first: ScalarSnapshot) {
    this.#first = first;
    this.#aggregate = first.kind === 'counter' ? 'sum' : first.aggregate;
    this.#index = new SeriesIndex(first.labelNames.length);
  }

  add(metric: ScalarSnapshot, at: number): void {
    const index = this.#index;
    if (metric === this.#first && index.size === 0) {
      index.begin(metric.labelValues, metric.size);
      this.#values = metric.values.slice();
      const note = { mean: 1, newest: at }[this.#aggregate as 'mean' | 'newest'];
      if (note !== undefined) this.#notes = new Float64Array(metric.size).fill(note);
      this.#exemplars.add(metric.exemplars, (number) => number);
      return;
    }
    const { labelValues, values, size } = metric;
    for (let number = 0; number < size; number++) {
      const known = index.size;
      const to = index.numberOf(labelValues, number);
      if (to < known) this.#combine(to, values[number] as number, at);
      else this.#append(to, values[number] as number, at);
    }
    this.#exemplars.add(metric.exemplars, (number) => index.numberOf(labelValues, number));
  }

  result(): ScalarSnapshot {
    const { size, labelValues } = this.#index;
    const { exemplars: _, ...definition } = this.#first;
    let values = this.#values.slice(0, size);
    if (this.#aggregate === 'mean') {
      values = values.map((sum, at) => sum / (this.#notes?.[at] ?? 1));
    }
    return { ...definition, size, labelValues, values, ...this.#exemplars.result() };
  }

  #combine(to: number, value: number, taken: number): void {
    const values = this.#values;
    const own = values[to] as number;
    const aggregate = this.#aggregate;
    if (aggregate === 'sum' || aggregate === 'mean') values[to] = own + value;
    else if (aggregate === 'min') values[to] = Math.min(own, value);
    else if (aggregate === 'max') values[to] = Math.max(own, value);
    const notes = this.#notes;
    if (notes === undefined) return;
    const note = notes[to] as number;
    if (aggregate === 'mean') {
      notes[to] = note + 1;
    } else if (taken >= note) {
      values[to] = value;
      notes[to] = taken;
    }
  }

  #append(to: number, value: number, taken: number): void {
    this.#values = withRoom(this.#values, to);
    this.#values[to] = value;
    if (this.#notes === undefined) return;
    this.#notes = withRoom(this.#notes, to);
    this.#notes[to] = this.#aggregate === 'mean' ? 1 : taken;
  }
}

/** Histograms: bucket by bucket. */
export class HistogramMerger implements MetricMerger<HistogramSnapshot> {
  readonly #first: HistogramSnapshot;
  readonly #index: SeriesIndex;
  readonly #histograms: ExponentialHistogram[] = [];
  readonly #exemplars = new ExemplarMerger();

  constructor(first: HistogramSnapshot) {
    this.#first = first;
    this.#index = new SeriesIndex(first.labelNames.length);
  }

  add(metric: HistogramSnapshot): void {
    const { labelValues } = metric;
    unpackHistograms(metric).forEach((histogram, number) => {
      const to = this.#index.numberOf(labelValues, number);
      const own = this.#histograms[to];
      if (own === undefined) this.#histograms[to] = histogram;
      else own.merge(histogram);
    });
    this.#exemplars.add(metric.exemplars, (number) => this.#index.numberOf(labelValues, number));
  }

  result(): HistogramSnapshot {
    const { size, labelValues } = this.#index;
    const { exemplars: _, ...definition } = this.#first;
    const data = packHistograms(this.#histograms);
    return { ...definition, size, labelValues, ...data, ...this.#exemplars.result() };
  }
}

/** Summaries: counts and sums are added up; of quantiles, which cannot be merged, the largest is told. */
export class SummaryMerger implements MetricMerger<SummarySnapshot> {
  readonly #first: SummarySnapshot;
  readonly #index: SeriesIndex;
  readonly #rows: number[][] = [];

  constructor(first: SummarySnapshot) {
    this.#first = first;
    this.#index = new SeriesIndex(first.labelNames.length);
  }

  add({ size, labelValues, quantiles, values }: SummarySnapshot): void {
    const width = quantiles.length + 2;
    for (let number = 0; number < size; number++) {
      const row = [...values.subarray(number * width, (number + 1) * width)];
      const to = this.#index.numberOf(labelValues, number);
      const own = this.#rows[to];
      this.#rows[to] =
        own === undefined
          ? row
          : own.map((value, at) => {
              const other = row[at] ?? Number.NaN;
              return at < 2 ? value + other : Math.max(value, other);
            });
    }
  }

  result(): SummarySnapshot {
    const { size, labelValues } = this.#index;
    return { ...this.#first, size, labelValues, values: Float64Array.from(this.#rows.flat()) };
  }
}

/** Keeps of each series the exemplars of the newest observation for each value. */
class ExemplarMerger {
  readonly #bySeries = new Map<number, readonly Exemplar[]>();

  add(
    exemplars: Readonly<Record<number, readonly Exemplar[]>> | undefined,
    numberOf: (number: number) => number,
  ): void {
    for (const [number, list] of Object.entries(exemplars ?? {})) {
      const to = numberOf(Number(number));
      const all = [...(this.#bySeries.get(to) ?? []), ...list];
      const newest = all.toSorted((a, b) => b.at - a.at).slice(0, MAX_EXEMPLARS);
      this.#bySeries.set(
        to,
        newest.toSorted((a, b) => a.value - b.value),
      );
    }
  }

  result(): ReturnType<typeof exemplarsOf> {
    const lists: (readonly Exemplar[])[] = [];
    for (const [number, list] of this.#bySeries) lists[number] = list;
    return exemplarsOf(Array.from(lists, (list) => list ?? []));
  }
}

const MAX_EXEMPLARS = 16;

function withRoom(numbers: Float64Array, at: number): Float64Array {
  if (at < numbers.length) return numbers;
  const grown = new Float64Array(Math.max(at + 1, numbers.length * 2));
  grown.set(numbers);
  return grown;
}
