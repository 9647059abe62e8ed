import type { Profile } from '../profiler/profile.ts';
import type { SampleField } from '../profiler/sample.ts';
import { quantileOf } from '../trends/series.ts';
import type { DiagnosisContext } from './context.ts';
import type { DiagnosisThresholds } from './thresholds.ts';

/** What rules look at: the samples of late, what is known beside them, and what counts as a trouble. */
export class Observation {
  readonly profile: Profile;
  readonly context: DiagnosisContext;
  readonly thresholds: DiagnosisThresholds;
  /** How long memory has to be watched, in milliseconds. */
  readonly leakSpan: number;
  /** Milliseconds that the samples cover. */
  readonly span: number;
  /** How many there are. */
  readonly length: number;
  readonly #from: number;

  /** @param window how far back samples count, in milliseconds */
  constructor(
    profile: Profile,
    context: DiagnosisContext,
    thresholds: DiagnosisThresholds,
    window: number,
    leakSpan: number,
  ) {
    this.profile = profile;
    this.context = context;
    this.thresholds = thresholds;
    this.leakSpan = leakSpan;
    const { length, columns } = profile.samples;
    const newest = columns.time[length - 1] ?? 0;
    let from = length;
    while (from > 0 && newest - (columns.time[from - 1] ?? 0) < window) from--;
    this.#from = from;
    this.length = length - from;
    this.span = this.sum('interval');
  }

  /** Those that are known, the oldest first. */
  values(field: SampleField): readonly number[] {
    return [...this.#column(field)].filter(Number.isFinite);
  }

  /** Whether at least half of them are known. */
  knows(field: SampleField): boolean {
    return this.length > 0 && this.values(field).length * 2 >= this.length;
  }

  /** NaN when none is known. */
  mean(field: SampleField): number {
    const values = this.values(field);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  sum(field: SampleField): number {
    return this.values(field).reduce((sum, value) => sum + value, 0);
  }

  /** NaN when none is known. */
  quantile(field: SampleField, quantile: number): number {
    return quantileOf(this.values(field), quantile);
  }

  /** What a function makes of each sample; what is not known is NaN. */
  map<T>(make: (at: (field: SampleField) => number) => T): readonly T[] {
    const { columns } = this.profile.samples;
    return Array.from({ length: this.length }, (_, index) =>
      make((field) => columns[field]?.[this.#from + index] ?? Number.NaN),
    );
  }

  #column(field: SampleField): Float64Array {
    return this.profile.samples.columns[field].subarray(this.#from);
  }
}
