import { checkKnown, ConfigError } from '@perf/core';
import { MetricConflictError } from '../errors.ts';
import type { FamilyContext } from '../instruments/family.ts';
import type { FamilyView, ScalarView, SummaryView } from '../instruments/family-view.ts';
import type { MetricDefinition, MetricKind } from '../instruments/metric-definition.ts';
import type { Labels } from '../series/labels.ts';
import { SeriesTable } from '../series/series-table.ts';
import type { CollectedMetric, CollectedSummary, CollectorSink } from './collector.ts';
import { checkLabelNames, metricName, metricUnit, type TakenNames } from './metric-names.ts';

type CollectedKind = Exclude<MetricKind, 'histogram'>;

/** What a collector told last of some labels. */
interface CollectedSeries extends ScalarView, SummaryView {
  value: number;
  count: number;
  sum: number;
  quantileValues: readonly number[];
  /** In which round it was told. */
  round: number;
}

interface CollectedFamily {
  readonly kind: CollectedKind;
  readonly definition: MetricDefinition;
  readonly table: SeriesTable<CollectedSeries>;
  quantiles: readonly number[];
}

/** What the registry lends to the metrics of its collectors. */
export interface CollectedContext {
  readonly prefix: string;
  readonly limit: number;
  readonly defaultLabels: readonly string[];
  readonly family: FamilyContext;
  readonly names: TakenNames;
}

const KNOWN = ['name', 'help', 'unit', 'aggregate'];

/** The metrics that collectors tell: in each round anew, what is not told any more goes. */
export class CollectedFamilies implements CollectorSink {
  readonly #context: CollectedContext;
  /** By the name that the collector gives. */
  readonly #families = new Map<string, CollectedFamily>();
  #round = 0;

  constructor(context: CollectedContext) {
    this.#context = context;
  }

  begin(): void {
    this.#round++;
  }

  end(): void {
    for (const [key, { kind, definition, table }] of this.#families) {
      table.retain(({ round }) => round === this.#round);
      if (table.all.length > 0) continue;
      this.#families.delete(key);
      this.#context.names.free(kind, definition.name);
    }
  }

  get size(): number {
    return this.#families.size;
  }

  get seriesCount(): number {
    let count = 0;
    for (const { table } of this.#families.values()) count += table.all.length;
    return count;
  }

  views(): readonly FamilyView[] {
    return Array.from(
      this.#families.values(),
      ({ kind, definition, table, quantiles }): FamilyView => ({
        kind,
        definition,
        series: table.all,
        quantiles,
      }),
    );
  }

  counter(metric: CollectedMetric, value: number, labels: Labels = {}): void {
    if (value >= 0) this.#series('counter', metric, labels).value = value;
    else this.#context.family.invalid(metric.name, value);
  }

  gauge(metric: CollectedMetric, value: number, labels: Labels = {}): void {
    if (typeof value !== 'number') throw new ConfigError(metric.name, value, 'a number');
    this.#series('gauge', metric, labels).value = value;
  }

  summary(metric: CollectedMetric, value: CollectedSummary, labels: Labels = {}): void {
    const quantiles = Object.keys(value.quantiles).map(Number);
    const series = this.#series('summary', metric, labels, quantiles);
    series.count = value.count ?? Number.NaN;
    series.sum = value.sum ?? Number.NaN;
    series.quantileValues = Object.values(value.quantiles);
  }

  #series(
    kind: CollectedKind,
    metric: CollectedMetric,
    labels: Labels,
    quantiles: readonly number[] = [],
  ): CollectedSeries {
    const known = this.#families.get(metric.name);
    const family = known ?? this.#add(kind, metric, Object.keys(labels), quantiles);
    if (family.kind !== kind) {
      throw new MetricConflictError(
        family.definition.name,
        `it is told as ${family.kind} and as ${kind}`,
      );
    }
    const series = family.table.find(labels);
    series.round = this.#round;
    return series;
  }

  #add(
    kind: CollectedKind,
    metric: CollectedMetric,
    labels: readonly string[],
    quantiles: readonly number[],
  ): CollectedFamily {
    checkKnown('metric', metric, KNOWN);
    const { prefix, limit, names, defaultLabels, family: context } = this.#context;
    const name = metricName(kind, prefix, metric.name);
    const definition: MetricDefinition = {
      kind,
      name,
      help: metric.help ?? '',
      unit: metricUnit(name, metric.unit),
      labelNames: checkLabelNames(kind, labels, defaultLabels),
      aggregate: metric.aggregate ?? 'sum',
      buckets: [],
    };
    names.take(kind, name);
    const table = new SeriesTable<CollectedSeries>({
      metric: name,
      labelNames: labels,
      defaultText: context.defaultText,
      limit,
      maxLabelLength: context.maxLabelLength,
      make: (labelValues, labelText) => ({
        labelValues,
        labelText,
        linePrefix: undefined,
        exemplar: undefined,
        value: Number.NaN,
        count: Number.NaN,
        sum: Number.NaN,
        quantileValues: [],
        round: 0,
      }),
      overflow: (label) => {
        context.overflow(name, limit, label);
      },
    });
    const family = { kind, definition, table, quantiles };
    this.#families.set(metric.name, family);
    return family;
  }
}
