import { ConfigError, toMilliseconds, type Duration } from '@perf/core';
import {
  summarize,
  type Distribution,
  type DistributionSummary,
} from '../exponential/distribution.ts';
import type { ExponentialHistogram } from '../exponential/exponential-histogram.ts';
import type { Labels } from '../series/labels.ts';
import { WindowedHistogram } from '../windows/windowed-histogram.ts';
import type { Windows } from '../windows/windows.ts';
import type { Exemplar } from './exemplar.ts';
import { Exemplars, type ExemplarSource } from './exemplars.ts';
import type { HistogramView } from './family-view.ts';
import type { Histogram } from './histogram.ts';

/** One histogram of a metric. */
export class HistogramSeries implements Histogram, HistogramView {
  readonly labelValues: readonly string[];
  readonly labelText: string;
  linePrefix: string | undefined;
  readonly #values: WindowedHistogram;
  readonly #windows: Windows | undefined;
  readonly #source: ExemplarSource;
  readonly #refuse: (value: number) => void;
  #exemplars: Exemplars | undefined;

  constructor(
    labelValues: readonly string[],
    labelText: string,
    windows: Windows | undefined,
    source: ExemplarSource,
    refuse: (value: number) => void,
  ) {
    this.labelValues = labelValues;
    this.labelText = labelText;
    this.#windows = windows;
    this.#values = new WindowedHistogram(windows);
    this.#source = source;
    this.#refuse = refuse;
    if (source.ask !== undefined) this.#exemplars = new Exemplars(source);
  }

  observe(value: number, exemplar?: Labels): void {
    if (!(typeof value === 'number' && value >= 0 && value < Infinity)) {
      this.#refuse(value);
      return;
    }
    this.#values.record(value);
    if (exemplar !== undefined) {
      this.#exemplars ??= new Exemplars(this.#source);
      this.#exemplars.note(value, exemplar);
    } else if (this.#exemplars !== undefined) {
      this.#exemplars.offer(value, value === this.#values.presentMax);
    }
  }

  get count(): number {
    return this.#values.count;
  }

  get sum(): number {
    return this.#values.sum;
  }

  total(): Distribution {
    return this.#values.total();
  }

  distribution(): ExponentialHistogram {
    return this.#values.total();
  }

  exemplars(): readonly Exemplar[] {
    return this.#exemplars?.list() ?? [];
  }

  window(window?: Duration): ExponentialHistogram {
    return this.#values.window(slotsOf(this.#windows, window));
  }

  summary(window?: Duration): DistributionSummary {
    return summarize(this.window(window));
  }
}

/** @throws {@link ConfigError} when there is no retention, or the window is no duration */
function slotsOf(windows: Windows | undefined, window: Duration | undefined): number {
  if (windows === undefined) {
    throw new ConfigError('window', window, 'left alone: the registry has a retention of 0');
  }
  if (window === undefined) return windows.slots;
  return windows.slotsOf(toMilliseconds('window', window));
}
