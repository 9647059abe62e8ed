import type { Labels } from '../series/labels.ts';
import type { CounterFamily } from './counter.ts';
import { CounterSeries } from './counter-series.ts';
import { Family } from './family.ts';
import type { FamilyView } from './family-view.ts';

/** A metric of counters. */
export class Counters extends Family<CounterSeries> implements CounterFamily<string> {
  inc(labels: Labels, amount = 1, exemplar?: Labels): void {
    this.table.find(labels).inc(amount, exemplar);
  }

  view(): FamilyView {
    return { kind: 'counter', definition: this.definition, series: this.table.all };
  }

  protected make(labelValues: readonly string[], labelText: string): CounterSeries {
    const { slabs, exemplars } = this.context;
    return new CounterSeries(labelValues, labelText, slabs.take(), exemplars, this.refuse);
  }

  protected detach(series: CounterSeries): void {
    this.context.slabs.give(series.detach());
  }
}
