import type { Labels } from '../series/labels.ts';
import { Family } from './family.ts';
import type { FamilyView } from './family-view.ts';
import type { HistogramFamily } from './histogram.ts';
import { HistogramSeries } from './histogram-series.ts';

/** A metric of histograms. */
export class Histograms extends Family<HistogramSeries> implements HistogramFamily<string> {
  observe(labels: Labels, value: number, exemplar?: Labels): void {
    this.table.find(labels).observe(value, exemplar);
  }

  view(): FamilyView {
    return { kind: 'histogram', definition: this.definition, series: this.table.all };
  }

  protected make(labelValues: readonly string[], labelText: string): HistogramSeries {
    const { windows, exemplars } = this.context;
    return new HistogramSeries(labelValues, labelText, windows, exemplars, this.refuse);
  }

  /** A histogram has nothing of the registry's. */
  protected detach(): void {}
}
