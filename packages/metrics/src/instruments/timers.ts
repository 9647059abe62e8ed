import type { Clock } from '@perf/core';
import type { Labels } from '../series/labels.ts';
import { Family, type FamilyContext } from './family.ts';
import type { FamilyView } from './family-view.ts';
import { Histograms } from './histograms.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { TimerSeries } from './timer-series.ts';
import type { Outcome, Span, TimerFamily } from './timer.ts';

/** The label that tells success from failure. */
export const OUTCOME_LABEL = 'outcome';

/** A metric of timers: in the formats, the histograms of both outcomes. */
export class Timers extends Family<TimerSeries> implements TimerFamily<string> {
  readonly #histograms: Histograms;
  readonly #clock: Clock;

  /** @param definition of the histograms, whose last label is {@link OUTCOME_LABEL} */
  constructor(definition: MetricDefinition, limit: number, context: FamilyContext) {
    super({ ...definition, labelNames: definition.labelNames.slice(0, -1) }, limit, context);
    // Two for each, and for that of all beyond the limit: it is never reached here.
    this.#histograms = new Histograms(definition, 2 * limit + 2, context);
    this.#clock = context.exemplars.clock;
  }

  time<T>(labels: Labels, fn: () => T): T {
    return this.table.find(labels).time(fn);
  }

  start(labels: Labels): Span {
    return this.table.find(labels).start();
  }

  record(labels: Labels, milliseconds: number, outcome?: Outcome, exemplar?: Labels): void {
    this.table.find(labels).record(milliseconds, outcome, exemplar);
  }

  view(): FamilyView {
    return this.#histograms.view();
  }

  protected make(labelValues: readonly string[]): TimerSeries {
    const of = (outcome: Outcome) => this.#histograms.child(this.#labelsOf(labelValues, outcome));
    return new TimerSeries(labelValues, of('success'), of('failure'), this.#clock);
  }

  protected detach({ labelValues }: TimerSeries): void {
    this.#histograms.remove(this.#labelsOf(labelValues, 'success'));
    this.#histograms.remove(this.#labelsOf(labelValues, 'failure'));
  }

  #labelsOf(labelValues: readonly string[], outcome: Outcome): Labels {
    const names = this.definition.labelNames;
    const labels = Object.fromEntries(names.map((name, at) => [name, labelValues[at] ?? '']));
    return { ...labels, [OUTCOME_LABEL]: outcome };
  }
}
