import type { Labels } from '../series/labels.ts';
import { Family } from './family.ts';
import type { FamilyView } from './family-view.ts';
import type { GaugeFamily } from './gauge.ts';
import { GaugeSeries } from './gauge-series.ts';

/** A metric of gauges. */
export class Gauges extends Family<GaugeSeries> implements GaugeFamily<string> {
  set(labels: Labels, value: number): void {
    this.table.find(labels).set(value);
  }

  inc(labels: Labels, amount = 1): void {
    this.table.find(labels).inc(amount);
  }

  dec(labels: Labels, amount = 1): void {
    this.table.find(labels).dec(amount);
  }

  view(): FamilyView {
    return { kind: 'gauge', definition: this.definition, series: this.table.all };
  }

  protected make(labelValues: readonly string[], labelText: string): GaugeSeries {
    return new GaugeSeries(labelValues, labelText, this.context.slabs.take());
  }

  protected detach(series: GaugeSeries): void {
    this.context.slabs.give(series.detach());
  }
}
