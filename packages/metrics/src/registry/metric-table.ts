import { checkKnown, checkOneOf, ConfigError } from '@perf/core';
import { MetricConflictError } from '../errors.ts';
import type { FamilyView } from '../instruments/family-view.ts';
import type { Aggregate, MetricDefinition, MetricKind } from '../instruments/metric-definition.ts';
import type { GaugeOptions, HistogramOptions } from '../instruments/metric-options.ts';
import { OUTCOME_LABEL } from '../instruments/timers.ts';
import { checkLabelNames, metricName, metricUnit, type TakenNames } from './metric-names.ts';
import { checkCardinalityLimit, type RegistrySettings } from './options.ts';

/** What a metric may be asked for as. */
export type InstrumentKind = 'counter' | 'gauge' | 'histogram' | 'timer';

/** What a metric is made with: the options, checked. */
export interface MetricPlan {
  readonly kind: InstrumentKind;
  readonly definition: MetricDefinition;
  readonly limit: number;
}

/** A metric of the registry, whatever its kind. */
export interface RegisteredMetric {
  readonly size: number;
  readonly overflowed: number;
  view(): FamilyView;
}

interface Entry {
  readonly plan: MetricPlan;
  readonly metric: RegisteredMetric;
}

const COMMON = ['name', 'help', 'unit', 'labels', 'cardinalityLimit'];
const KNOWN: Readonly<Record<InstrumentKind, readonly string[]>> = {
  counter: COMMON,
  gauge: [...COMMON, 'aggregate'],
  histogram: [...COMMON, 'buckets'],
  timer: [...COMMON, 'buckets'],
};
const AGGREGATES: readonly Aggregate[] = ['sum', 'min', 'max', 'mean', 'newest'];
const MAX_BUCKETS = 200;
/** What Prometheus has for durations in seconds. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of a registry by name; the same one for the same options. */
export class MetricTable {
  readonly #settings: RegistrySettings;
  readonly #names: TakenNames;
  readonly #entries = new Map<string, Entry>();

  constructor(settings: RegistrySettings, names: TakenNames) {
    this.#settings = settings;
    this.#names = names;
  }

  get metrics(): readonly RegisteredMetric[] {
    return Array.from(this.#entries.values(), ({ metric }) => metric);
  }

  entries(): Iterable<readonly [name: string, metric: RegisteredMetric]> {
    return Array.from(this.#entries, ([name, { metric }]) => [name, metric] as const);
  }

  /** The metric of these options, which is made if there is none. */
  get<Metric extends RegisteredMetric>(
    kind: InstrumentKind,
    options: GaugeOptions & HistogramOptions,
    make: (plan: MetricPlan) => Metric,
  ): Metric {
    const plan = this.#plan(kind, options);
    const { name } = plan.definition;
    const known = this.#entries.get(name);
    if (known !== undefined) {
      if (JSON.stringify(known.plan) === JSON.stringify(plan)) return known.metric as Metric;
      throw new MetricConflictError(
        name,
        `there is a ${known.plan.kind} of that name with other options; give it another name, or the same options`,
      );
    }
    this.#names.take(plan.definition.kind, name);
    const metric = make(plan);
    this.#entries.set(name, { plan, metric });
    return metric;
  }

  #plan(kind: InstrumentKind, options: GaugeOptions & HistogramOptions): MetricPlan {
    checkKnown(kind, options, KNOWN[kind]);
    const { prefix, defaultLabels, cardinalityLimit } = this.#settings;
    const told: MetricKind = kind === 'timer' ? 'histogram' : kind;
    const name = metricName(told, prefix, options.name);
    if (kind === 'timer' && !name.endsWith('_seconds')) {
      throw new ConfigError('name', name, `one that ends with "_seconds", as in "${name}_seconds"`);
    }
    const outcome = kind === 'timer' ? [OUTCOME_LABEL] : [];
    const labels = [...checkLabels(options.labels), ...outcome];
    const { help = '', aggregate = 'sum' } = options;
    if (typeof help !== 'string') throw new ConfigError('help', help, 'a string');
    const definition: MetricDefinition = {
      kind: told,
      name,
      help: help.toWellFormed(),
      unit: metricUnit(name, options.unit),
      labelNames: checkLabelNames(told, labels, Object.keys(defaultLabels)),
      aggregate: checkOneOf('aggregate', aggregate, AGGREGATES),
      buckets: told === 'histogram' ? checkBuckets(options.buckets ?? DEFAULT_BUCKETS) : [],
    };
    const limit = checkCardinalityLimit(options.cardinalityLimit ?? cardinalityLimit);
    return { kind, definition, limit };
  }
}

function checkLabels(labels: readonly string[] | undefined): readonly string[] {
  if (labels !== undefined && !Array.isArray(labels)) {
    throw new ConfigError('labels', labels, 'a list of label names');
  }
  return labels ?? [];
}

function checkBuckets(buckets: readonly number[]): readonly number[] {
  const isList = Array.isArray(buckets) && buckets.length <= MAX_BUCKETS;
  if (!isList) throw new ConfigError('buckets', buckets, `a list of at most ${MAX_BUCKETS} bounds`);
  buckets.forEach((bound, at) => {
    if (!Number.isFinite(bound) || bound < 0) {
      throw new ConfigError(`buckets[${at}]`, bound, 'a finite number from 0 on');
    }
    if (at > 0 && bound <= (buckets[at - 1] as number)) {
      throw new ConfigError(`buckets[${at}]`, bound, 'above the bound before it');
    }
  });
  return [...buckets];
}
