import type { Closeable, Listenable, Unsubscribe } from '@perf/core';
import type { Exposition } from '../exposition/exposition.ts';
import type { Counter, CounterFamily } from '../instruments/counter.ts';
import type { Gauge, GaugeFamily } from '../instruments/gauge.ts';
import type { Histogram, HistogramFamily } from '../instruments/histogram.ts';
import type {
  GaugeOptions,
  HistogramOptions,
  MetricOptions,
} from '../instruments/metric-options.ts';
import type { Timer, TimerFamily } from '../instruments/timer.ts';
import type { RegistrySnapshot } from '../snapshot/snapshot.ts';
import type { Collector } from './collector.ts';
import type { RegistryEvents, RegistryStats } from './telemetry.ts';

/**
 * Metrics by name. Asking again for a metric with the same options gives the same metric, so that modules need not know of each
 * other; with others it is an error.
 */
export interface Registry extends Closeable, Listenable<RegistryEvents> {
  /**
   * @throws {@link ConfigError} when an option is refused
   * @throws {@link MetricConflictError} when another metric tells series of that name
   */
  counter<const Names extends readonly [string, ...string[]]>(
    options: MetricOptions<Names> & { readonly labels: Names },
  ): CounterFamily<Names[number]>;
  counter(options: MetricOptions<readonly []>): Counter;
  /** As {@link Registry.counter}. */
  gauge<const Names extends readonly [string, ...string[]]>(
    options: GaugeOptions<Names> & { readonly labels: Names },
  ): GaugeFamily<Names[number]>;
  gauge(options: GaugeOptions<readonly []>): Gauge;
  /** As {@link Registry.counter}. */
  histogram<const Names extends readonly [string, ...string[]]>(
    options: HistogramOptions<Names> & { readonly labels: Names },
  ): HistogramFamily<Names[number]>;
  histogram(options: HistogramOptions<readonly []>): Histogram;
  /** As {@link Registry.counter}; the name ends with `_seconds`. */
  timer<const Names extends readonly [string, ...string[]]>(
    options: HistogramOptions<Names> & { readonly labels: Names },
  ): TimerFamily<Names[number]>;
  timer(options: HistogramOptions<readonly []>): Timer;
  /** Has the collector called, synchronously, before each exposition and snapshot. */
  collect(collector: Collector): Unsubscribe;
  /** Everything as plain data: to be sent to another thread or process, and merged there. */
  snapshot(): RegistrySnapshot;
  /**
   * Everything in the format that the other side wants most: protobuf with native histograms, OpenMetrics, JSON, or the text format.
   * @param accept the `Accept` header of the request @default the text format
   */
  expose(accept?: string): Exposition;
  stats(): RegistryStats;
}
