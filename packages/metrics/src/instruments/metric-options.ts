import type { Aggregate } from './metric-definition.ts';

/** What every metric takes. */
export interface MetricOptions<Names extends readonly string[] = readonly string[]> {
  /** Letters, digits and `_`, as in `http_requests_total`; the unit at its end, as Prometheus advises. */
  readonly name: string;
  /** One sentence for who reads the metric. @default none */
  readonly help?: string | undefined;
  /** Such as `seconds` or `bytes`: told by OpenMetrics and OpenTelemetry; the name must end with it. @default what the name ends with */
  readonly unit?: string | undefined;
  /** The names of its labels. With them the metric is a family, whose `child(labels)` are what is counted. @default none */
  readonly labels?: Names | undefined;
  /** Series that the metric may have; further ones are one together. @default that of the registry */
  readonly cardinalityLimit?: number | undefined;
}

/** {@link MetricOptions} of a gauge. */
export interface GaugeOptions<
  Names extends readonly string[] = readonly string[],
> extends MetricOptions<Names> {
  /** What becomes of the values of several processes or threads: see `mergeSnapshots`. @default 'sum' */
  readonly aggregate?: Aggregate | undefined;
}

/** {@link MetricOptions} of a histogram or timer. */
export interface HistogramOptions<
  Names extends readonly string[] = readonly string[],
> extends MetricOptions<Names> {
  /**
   * The bounds of the classic buckets that the text formats tell, ascending; `[]` for none. What is observed is kept finer than that:
   * a bound counts what is at most 2.2 % above it. @default 0.005 to 10, as Prometheus has for seconds
   */
  readonly buckets?: readonly number[] | undefined;
}
