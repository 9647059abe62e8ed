import { Lifecycle, toMilliseconds, type Closeable, type Duration, type Timer } from '@perf/core';
import type { Registry } from '../registry/registry.ts';
import { labelText } from '../series/label-text.ts';
import type { Labels } from '../series/labels.ts';
import { HISTOGRAM_FIGURES, type MetricSnapshot } from '../snapshot/snapshot.ts';
import { historySettings, type HistoryOptions, type HistorySettings } from './options.ts';
import { ValueRing } from './value-ring.ts';

/** Values of one series, oldest first. */
export interface HistorySeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly times: readonly number[];
  /** `NaN` where the series was not there. */
  readonly values: readonly number[];
}

/** The values of a registry's series in the last hour, noted at an interval. */
export interface History extends Closeable {
  /**
   * All series of a name, as the text format has it: `requests_total`, and of histograms `…_count` and `…_sum`.
   * @param labels those that have these, among others. @default all
   */
  series(name: string, labels?: Labels): readonly HistorySeries[];
  /**
   * By how much a counter grew per second, all series of that name and those labels together; a restart counts as beginning at 0.
   * @param window how far back. @default all that is kept
   * @returns `NaN` where less than two values are known
   */
  rate(name: string, labels?: Labels, window?: Duration): number;
  /** Notes the values now: called at each interval, or by hand. */
  note(): void;
  /** Series that are kept, and series that found no room at the last note. */
  stats(): { readonly series: number; readonly left: number };
}

/**
 * Keeps what the series of a registry were at an interval, in bounded memory: 8 bytes a value. Its timer keeps no process alive.
 * @throws {@link ConfigError} when an option does not exist or is refused
 */
export function createHistory(registry: Registry, options: HistoryOptions = {}): History {
  return new RegistryHistory(registry, historySettings(options));
}

interface KeptSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ring: ValueRing;
}

class RegistryHistory implements History {
  readonly #registry: Registry;
  readonly #settings: HistorySettings;
  readonly #kept = new Map<string, KeptSeries>();
  readonly #times: ValueRing;
  readonly #lifecycle: Lifecycle;
  #step = -1;
  #left = 0;
  #timer: Timer | undefined;

  constructor(registry: Registry, settings: HistorySettings) {
    this.#registry = registry;
    this.#settings = settings;
    this.#times = new ValueRing(settings.steps);
    this.#lifecycle = new Lifecycle('the history', () => {
      this.#timer?.cancel();
      this.#kept.clear();
    });
    this.#run();
  }

  note(): void {
    this.#lifecycle.assertOpen();
    const step = ++this.#step;
    const { metrics, at, defaultLabels } = this.#registry.snapshot();
    this.#times.put(step, at);
    this.#left = 0;
    for (const metric of metrics) this.#noteMetric(metric, defaultLabels, step);
    const oldest = step - this.#settings.steps;
    for (const [key, { ring }] of this.#kept) if (ring.newest <= oldest) this.#kept.delete(key);
  }

  series(name: string, labels: Labels = {}): readonly HistorySeries[] {
    return this.#matching(name, labels).map((one) => {
      const steps = this.#steps();
      const times = steps.map((step) => this.#times.at(step));
      return { name, labels: one.labels, times, values: steps.map((step) => one.ring.at(step)) };
    });
  }

  rate(name: string, labels: Labels = {}, window?: Duration): number {
    const back = window === undefined ? Infinity : toMilliseconds('window', window);
    const since = this.#times.at(this.#step) - back;
    const steps = this.#steps().filter((step) => this.#times.at(step) >= since);
    const [first] = steps;
    if (first === undefined || steps.length < 2) return Number.NaN;
    let grown = 0;
    let known = false;
    for (const { ring } of this.#matching(name, labels)) {
      for (const step of steps.slice(1)) {
        const before = ring.at(step - 1);
        const now = ring.at(step);
        if (Number.isNaN(before) || Number.isNaN(now)) continue;
        known = true;
        grown += now >= before ? now - before : now;
      }
    }
    const seconds = (this.#times.at(this.#step) - this.#times.at(first)) / 1000;
    return known && seconds > 0 ? grown / seconds : Number.NaN;
  }

  stats(): { readonly series: number; readonly left: number } {
    return { series: this.#kept.size, left: this.#left };
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #run(): void {
    this.note();
    const { clock, interval } = this.#settings;
    this.#timer = clock.setTimer(() => {
      this.#run();
    }, interval);
  }

  #steps(): readonly number[] {
    const count = Math.min(this.#step + 1, this.#settings.steps);
    return Array.from({ length: count }, (_, at) => this.#step - count + 1 + at);
  }

  #matching(name: string, labels: Labels): readonly KeptSeries[] {
    const wanted = Object.entries(labels);
    return [...this.#kept.values()].filter(
      (one) =>
        one.name === name && wanted.every(([label, value]) => one.labels[label] === String(value)),
    );
  }

  #noteMetric(
    metric: MetricSnapshot,
    defaultLabels: Readonly<Record<string, string>>,
    step: number,
  ): void {
    if (!this.#settings.keep(metric.name)) return;
    const { labelNames, labelValues, size } = metric;
    for (let at = 0; at < size; at++) {
      const values = labelValues.slice(at * labelNames.length, (at + 1) * labelNames.length);
      const text = labelText(labelNames, values);
      for (const [name, value] of figuresOf(metric, at)) {
        const kept = this.#keptOf(name, text, () => {
          const own = Object.fromEntries(
            labelNames.map((label, index) => [label, values[index] ?? '']),
          );
          return { ...defaultLabels, ...own };
        });
        kept?.ring.put(step, value);
      }
    }
  }

  #keptOf(
    name: string,
    text: string,
    labels: () => Readonly<Record<string, string>>,
  ): KeptSeries | undefined {
    const key = `${name}{${text}}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    if (this.#kept.size >= this.#settings.maxSeries) {
      this.#left++;
      return undefined;
    }
    const kept = { name, labels: labels(), ring: new ValueRing(this.#settings.steps) };
    this.#kept.set(key, kept);
    return kept;
  }
}

/** What is kept of a series, by the names of the text format. */
function figuresOf(metric: MetricSnapshot, at: number): readonly (readonly [string, number])[] {
  const { name } = metric;
  if (metric.kind === 'histogram') return totalsOf(name, metric.figures, at * HISTOGRAM_FIGURES);
  if (metric.kind === 'summary') {
    return totalsOf(name, metric.values, at * (metric.quantiles.length + 2));
  }
  const sample = metric.kind === 'counter' ? `${name}_total` : name;
  return [[sample, numberAt(metric.values, at)]];
}

/** Count and sum stand first among the numbers of a series. */
function totalsOf(
  name: string,
  numbers: Float64Array,
  from: number,
): readonly (readonly [string, number])[] {
  return [
    [`${name}_count`, numberAt(numbers, from)],
    [`${name}_sum`, numberAt(numbers, from + 1)],
  ];
}

function numberAt(numbers: Float64Array, at: number): number {
  return numbers[at] ?? Number.NaN;
}
