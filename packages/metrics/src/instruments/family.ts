import { SeriesTable, type LabelledSeries } from '../series/series-table.ts';
import type { Labels } from '../series/labels.ts';
import type { ExemplarSource } from './exemplars.ts';
import type { Slabs } from '../series/slabs.ts';
import type { Windows } from '../windows/windows.ts';
import type { FamilyView } from './family-view.ts';
import type { MetricDefinition } from './metric-definition.ts';

/** What the registry lends all of its metrics. */
export interface FamilyContext {
  readonly slabs: Slabs;
  readonly windows: Windows | undefined;
  readonly exemplars: ExemplarSource;
  /** Labels of every series, as a text. */
  readonly defaultText: string;
  readonly maxLabelLength: number;
  /** A number was refused. */
  invalid(metric: string, value: number): void;
  /** A metric has reached its limit. */
  overflow(metric: string, limit: number, label: string): void;
}

/** A metric with its series; what all kinds have in common. */
export abstract class Family<Series extends LabelledSeries> {
  readonly definition: MetricDefinition;
  readonly limit: number;
  protected readonly context: FamilyContext;
  protected readonly table: SeriesTable<Series>;

  constructor(definition: MetricDefinition, limit: number, context: FamilyContext) {
    this.definition = definition;
    this.limit = limit;
    this.context = context;
    const { name, labelNames } = definition;
    this.table = new SeriesTable<Series>({
      metric: name,
      labelNames,
      defaultText: context.defaultText,
      limit,
      maxLabelLength: context.maxLabelLength,
      make: (labelValues, labelText) => this.make(labelValues, labelText),
      overflow: (label) => {
        context.overflow(name, limit, label);
      },
    });
  }

  abstract view(): FamilyView;
  protected abstract make(labelValues: readonly string[], labelText: string): Series;
  /** Parts a series from the metric. */
  protected abstract detach(series: Series): void;

  get size(): number {
    return this.table.all.length;
  }

  get overflowed(): number {
    return this.table.overflowed;
  }

  child(labels: Labels): Series {
    return this.table.find(labels);
  }

  remove(labels: Labels): boolean {
    const series = this.table.remove(labels);
    if (series !== undefined) this.detach(series);
    return series !== undefined;
  }

  clear(): void {
    for (const series of this.table.retain(() => false)) this.detach(series);
  }

  protected readonly refuse = (value: number): void => {
    this.context.invalid(this.definition.name, value);
  };
}
