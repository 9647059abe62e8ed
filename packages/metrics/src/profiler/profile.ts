import type { ProcessLimits } from '../signals/limits.ts';
import type { SignalSwitches } from '../signals/signal.ts';
import type { Samples } from './sample.ts';

/** What a process did of late, as `createProfiler().profile()` returns it: plain data, which can be cloned and sent to another thread. */
export interface Profile {
  /** When it was made, in milliseconds since 1970. */
  readonly time: number;
  /** How long the profiler has run, in milliseconds. */
  readonly uptime: number;
  /** How often a sample is taken, in milliseconds. */
  readonly interval: number;
  /** Which signals are read; the fields of the others are `NaN`. */
  readonly signals: SignalSwitches;
  readonly samples: Samples;
  /** Memory that the heap held right after full collections, the oldest first: what a leak makes grow. At most the last 1000. */
  readonly heapAfterGc: TimeSeries;
  readonly limits: ProcessLimits;
  /** Of what ran in `run`, spans, wrappers and decorated methods: the busiest first. */
  readonly operations: readonly OperationStats[];
}

/** Values and when they were read, the oldest first, in arrays of the same length. */
export interface TimeSeries {
  /** In milliseconds since 1970. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** What became of an operation of a component. */
export interface OperationStats {
  readonly component: string;
  readonly operation: string;
  /** Since the start: how often it ended. */
  readonly count: number;
  /** Of these, how often it failed. */
  readonly errors: number;
  /** How many are running. */
  readonly active: number;
  /** Since the start: milliseconds together, and the longest. */
  readonly totalMs: number;
  readonly maxMs: number;
  /** Of the last one to two minutes. */
  readonly recent: RecentOperations;
}

/** An operation of late. */
export interface RecentOperations {
  /** How many milliseconds it covers. */
  readonly duration: number;
  readonly count: number;
  readonly errors: number;
  /** How many ended each second. */
  readonly perSecond: number;
  /** Milliseconds; `NaN` when none ended. A percentile is at most 1.1 % off. */
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}
