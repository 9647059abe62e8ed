import type { Clock, Duration } from '@perf/core';
import { summarize } from '../exponential/distribution.ts';
import type { Labels } from '../series/labels.ts';
import type { HistogramSeries } from './histogram-series.ts';
import type { Outcome, Span, Timer, TimerSummary } from './timer.ts';

const MS_PER_SECOND = 1000;

/** One timer of a metric: a histogram for each outcome. */
export class TimerSeries implements Timer {
  readonly labelValues: readonly string[];
  readonly success: HistogramSeries;
  readonly failure: HistogramSeries;
  readonly #clock: Clock;

  constructor(
    labelValues: readonly string[],
    success: HistogramSeries,
    failure: HistogramSeries,
    clock: Clock,
  ) {
    this.labelValues = labelValues;
    this.success = success;
    this.failure = failure;
    this.#clock = clock;
  }

  time<T>(fn: () => T): T {
    const start = this.#clock.now();
    let result: T;
    try {
      result = fn();
    } catch (error) {
      this.#since(start, 'failure');
      throw error;
    }
    if (!isThenable(result)) {
      this.#since(start, 'success');
      return result;
    }
    // Of other thenables `then` may run the work, once for each call: it is called here, and nowhere else.
    const promise = result instanceof Promise ? result : Promise.resolve(result);
    // Its own branch: who gets the promise still sees its rejection.
    promise.then(
      () => {
        this.#since(start, 'success');
      },
      () => {
        this.#since(start, 'failure');
      },
    );
    return promise as T;
  }

  start(): Span {
    return new TimerSpan(this, this.#clock);
  }

  record(milliseconds: number, outcome: Outcome = 'success', exemplar?: Labels): void {
    const histogram = outcome === 'success' ? this.success : this.failure;
    histogram.observe(milliseconds / MS_PER_SECOND, exemplar);
  }

  summary(window?: Duration): TimerSummary {
    const all = this.success.window(window);
    const failed = this.failure.window(window);
    const failures = failed.count;
    all.merge(failed);
    const { count, ...seconds } = summarize(all);
    return {
      count,
      sum: seconds.sum * MS_PER_SECOND,
      min: seconds.min * MS_PER_SECOND,
      max: seconds.max * MS_PER_SECOND,
      mean: seconds.mean * MS_PER_SECOND,
      p50: seconds.p50 * MS_PER_SECOND,
      p95: seconds.p95 * MS_PER_SECOND,
      p99: seconds.p99 * MS_PER_SECOND,
      failures,
      errorRate: count === 0 ? 0 : failures / count,
    };
  }

  #since(start: number, outcome: Outcome): void {
    this.record(Math.max(0, this.#clock.now() - start), outcome);
  }
}

class TimerSpan implements Span {
  readonly #timer: TimerSeries;
  readonly #clock: Clock;
  readonly #start: number;
  #took: number | undefined;

  constructor(timer: TimerSeries, clock: Clock) {
    this.#timer = timer;
    this.#clock = clock;
    this.#start = clock.now();
  }

  end(outcome: Outcome = 'success'): number {
    if (this.#took === undefined) {
      this.#took = Math.max(0, this.#clock.now() - this.#start);
      this.#timer.record(this.#took, outcome);
    }
    return this.#took;
  }

  fail(): number {
    return this.end('failure');
  }

  [Symbol.dispose](): void {
    this.end();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
