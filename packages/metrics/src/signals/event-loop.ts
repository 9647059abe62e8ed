import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { ExponentialHistogram } from '../exponential/exponential-histogram.ts';

/** How late timers of the event loop were since the last reading, in milliseconds; `NaN` when none was due since. */
export interface LoopReading {
  readonly min: number;
  readonly mean: number;
  readonly stddev: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Which part of the time the loop did not wait, from 0 to 1. */
  readonly utilization: number;
}

/** Delay of the event loop, as somebody tells it, and its utilization. */
export class EventLoopReadings {
  readonly #delays = new ExponentialHistogram();
  #squares = 0;
  #then: EventLoopUtilization = performance.eventLoopUtilization();

  /** A timer was so many milliseconds late. */
  add(lateness: number): void {
    this.#delays.record(lateness);
    this.#squares += lateness * lateness;
  }

  /** Since the last call. */
  read(): LoopReading {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#then);
    this.#then = now;
    const delays = this.#delays;
    const { min, mean, max, count } = delays;
    const reading = {
      min,
      mean,
      stddev: Math.sqrt(Math.max(this.#squares / count - mean * mean, 0)),
      p50: delays.percentile(0.5),
      p90: delays.percentile(0.9),
      p99: delays.percentile(0.99),
      max,
      utilization,
    };
    delays.clear();
    this.#squares = 0;
    return reading;
  }
}
