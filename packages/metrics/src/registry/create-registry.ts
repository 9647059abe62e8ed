import { checkFunction, Lifecycle, type Unsubscribe } from '@perf/core';
import { exposeFamilies } from '../exposition/expose.ts';
import type { Exposition } from '../exposition/exposition.ts';
import { Counters } from '../instruments/counters.ts';
import type { FamilyContext } from '../instruments/family.ts';
import type { FamilyView } from '../instruments/family-view.ts';
import { Gauges } from '../instruments/gauges.ts';
import { Histograms } from '../instruments/histograms.ts';
import type {
  GaugeOptions,
  HistogramOptions,
  MetricOptions,
} from '../instruments/metric-options.ts';
import { Timers } from '../instruments/timers.ts';
import { labelText } from '../series/label-text.ts';
import { Slabs } from '../series/slabs.ts';
import type { RegistrySnapshot } from '../snapshot/snapshot.ts';
import { takeSnapshot } from '../snapshot/take-snapshot.ts';
import { Windows } from '../windows/windows.ts';
import { CollectedFamilies } from './collected-families.ts';
import type { Collector } from './collector.ts';
import { TakenNames } from './metric-names.ts';
import { MetricTable } from './metric-table.ts';
import { registrySettings, type RegistryOptions, type RegistrySettings } from './options.ts';
import { RegistryNews } from './registry-news.ts';
import type { Registry } from './registry.ts';
import type { RegistryEvents, RegistryStats } from './telemetry.ts';

class MetricsRegistry {
  readonly #settings: RegistrySettings;
  readonly #news = new RegistryNews();
  readonly #windows: Windows | undefined;
  readonly #context: FamilyContext;
  readonly #table: MetricTable;
  readonly #collected: CollectedFamilies;
  readonly #lifecycle: Lifecycle;
  #collectors: readonly Collector[] = [];

  constructor(settings: RegistrySettings) {
    this.#settings = settings;
    const { clock, retention, resolution, defaultLabels, prefix, exemplar } = settings;
    if (retention > 0) this.#windows = new Windows(clock, resolution, retention);
    const names = new TakenNames();
    this.#context = {
      slabs: new Slabs(),
      windows: this.#windows,
      exemplars: { clock, ask: exemplar },
      defaultText: labelText(Object.keys(defaultLabels), Object.values(defaultLabels)),
      maxLabelLength: settings.maxLabelLength,
      invalid: (metric, value) => {
        this.#news.refused(metric, value);
      },
      overflow: (metric, limit, label) => {
        this.#news.events.emit('overflow', { metric, limit, label });
      },
    };
    this.#table = new MetricTable(settings, names);
    this.#collected = new CollectedFamilies({
      prefix,
      limit: settings.cardinalityLimit,
      defaultLabels: Object.keys(defaultLabels),
      family: this.#context,
      names,
    });
    this.#lifecycle = new Lifecycle('the registry', () => {
      this.#windows?.close();
      this.#collectors = [];
    });
  }

  counter(options: MetricOptions): unknown {
    const metric = this.#table.get(
      'counter',
      options,
      ({ definition, limit }) => new Counters(definition, limit, this.#context),
    );
    return isFamily(options) ? metric : metric.child({});
  }

  gauge(options: GaugeOptions): unknown {
    const metric = this.#table.get(
      'gauge',
      options,
      ({ definition, limit }) => new Gauges(definition, limit, this.#context),
    );
    return isFamily(options) ? metric : metric.child({});
  }

  histogram(options: HistogramOptions): unknown {
    const metric = this.#table.get(
      'histogram',
      options,
      ({ definition, limit }) => new Histograms(definition, limit, this.#context),
    );
    return isFamily(options) ? metric : metric.child({});
  }

  timer(options: HistogramOptions): unknown {
    const metric = this.#table.get(
      'timer',
      options,
      ({ definition, limit }) => new Timers(definition, limit, this.#context),
    );
    return isFamily(options) ? metric : metric.child({});
  }

  collect(collector: Collector): Unsubscribe {
    this.#lifecycle.assertOpen();
    checkFunction('collector', collector);
    const entry: Collector = (sink) => {
      collector(sink);
    };
    this.#collectors = [...this.#collectors, entry];
    return () => {
      this.#collectors = this.#collectors.filter((one) => one !== entry);
    };
  }

  snapshot(): RegistrySnapshot {
    const { clock, defaultLabels } = this.#settings;
    const metrics = this.#views().map(takeSnapshot);
    return { version: 1, at: clock.epoch(), defaultLabels, metrics };
  }

  expose(accept?: string): Exposition {
    const { defaultLabels } = this.#settings;
    return exposeFamilies(this.#views(), { defaultLabels }, accept);
  }

  stats(): RegistryStats {
    const { metrics } = this.#table;
    return {
      metrics: metrics.length + this.#collected.size,
      series: metrics.reduce((sum, { size }) => sum + size, this.#collected.seriesCount),
      overflowed: metrics.reduce((sum, { overflowed }) => sum + overflowed, 0),
      invalid: this.#news.invalidCount,
      collectorErrors: this.#news.collectorErrors,
    };
  }

  on<Event extends keyof RegistryEvents>(
    event: Event,
    listener: (payload: RegistryEvents[Event]) => void,
  ): Unsubscribe {
    return this.#news.events.on(event, listener);
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** All families, after the collectors have told what is true now. */
  #views(): readonly FamilyView[] {
    this.#collected.begin();
    for (const collector of [...this.#collectors, this.#tellTrouble]) {
      try {
        collector(this.#collected);
      } catch (error) {
        this.#news.collectorFailed(error);
      }
    }
    this.#collected.end();
    return [...this.#table.metrics.map((metric) => metric.view()), ...this.#collected.views()];
  }

  /** What went wrong in the registry itself, where anything did. */
  readonly #tellTrouble: Collector = (sink) => {
    for (const [metric, { overflowed }] of this.#table.entries()) {
      if (overflowed > 0) sink.counter(OVERFLOWED, overflowed, { metric });
    }
    for (const [metric, count] of this.#news.invalid) sink.counter(INVALID, count, { metric });
    if (this.#news.collectorErrors > 0) sink.counter(FAILED, this.#news.collectorErrors);
  };
}

const OVERFLOWED = {
  name: 'metrics_overflowed_total',
  help: 'Look-ups of labels beyond the limit of series of a metric',
};
const INVALID = {
  name: 'metrics_invalid_values_total',
  help: 'Negative, infinite or missing numbers that a metric refused',
};
const FAILED = { name: 'metrics_collector_errors_total', help: 'Collectors that threw' };

/**
 * An empty registry: counters, gauges, histograms and timers by name. Hand it to whoever counts; there is no global one.
 * @throws {@link ConfigError} when an option does not exist or is refused
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  return new MetricsRegistry(registrySettings(options)) as unknown as Registry;
}

function isFamily({ labels }: MetricOptions): boolean {
  return labels !== undefined && labels.length > 0;
}
