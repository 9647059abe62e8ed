import type { CollectedMetric, CollectorSink } from '../../registry/collector.ts';
import type { Labels } from '../../series/labels.ts';
import { numberIn, statsIn, type Stats } from './stats-shape.ts';

const MS_PER_SECOND = 1000;

/** Tells numbers of some statistics, where they have them. */
export class Teller {
  readonly #sink: CollectorSink;
  readonly #labels: Labels;

  constructor(sink: CollectorSink, labels: Labels) {
    this.#sink = sink;
    this.#labels = labels;
  }

  counter(name: string, help: string, value: number | undefined, labels: Labels = {}): void {
    if (value !== undefined)
      this.#sink.counter({ name, help }, value, { ...this.#labels, ...labels });
  }

  gauge(
    name: string,
    help: string,
    value: number | undefined,
    labels: Labels = {},
    aggregate: CollectedMetric['aggregate'] = 'sum',
  ): void {
    if (value === undefined) return;
    this.#sink.gauge({ name, help, aggregate }, value, { ...this.#labels, ...labels });
  }

  /** A counter with a series for each number in an object. */
  counters(name: string, help: string, label: string, values: Stats): void {
    for (const key of Object.keys(values)) {
      this.counter(name, help, numberIn(values, key), { [label]: key });
    }
  }

  /** Durations in milliseconds that are known by their percentiles: `{ count, p50, p95, p99 }`. */
  durations(name: string, help: string, stats: Stats, field: string): void {
    const timings = statsIn(stats, field);
    const count = numberIn(timings, 'count');
    if (count === undefined) return;
    const of = (percentile: string): number =>
      (numberIn(timings, percentile) ?? Number.NaN) / MS_PER_SECOND;
    const quantiles = { '0.5': of('p50'), '0.95': of('p95'), '0.99': of('p99') };
    this.#sink.summary({ name, help }, { count, quantiles }, this.#labels);
  }
}
