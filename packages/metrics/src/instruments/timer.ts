import type { Duration } from '@perf/core';
import type { DistributionSummary } from '../exponential/distribution.ts';
import type { Labels } from '../series/labels.ts';
import type { Histogram } from './histogram.ts';

/** How something that was timed went. */
export type Outcome = 'success' | 'failure';

/** Something that is being timed. Only the first end counts. Disposing of it ends it as a success. */
export interface Span extends Disposable {
  /** @returns the milliseconds it took */
  end(outcome?: Outcome): number;
  /** Short for `end('failure')`. */
  fail(): number;
}

/** {@link DistributionSummary} of durations in **milliseconds**, whatever their outcome. */
export interface TimerSummary extends DistributionSummary {
  readonly failures: number;
  /** `failures / count`; 0 of none. */
  readonly errorRate: number;
}

/** Durations, apart by success and failure: a histogram in seconds with the label `outcome`. */
export interface Timer {
  /** Runs the function and times it until it has returned, or what it returned has settled; throwing and rejecting are failures. What is thenable but no promise comes back as a promise. */
  time<T>(fn: () => T): T;
  /** Begins to time. */
  start(): Span;
  /** Takes a duration that was measured elsewhere. @param outcome @default 'success' */
  record(milliseconds: number, outcome?: Outcome, exemplar?: Labels): void;
  /** The two histograms, in seconds. */
  readonly success: Histogram;
  readonly failure: Histogram;
  /** See `Histogram.summary`. */
  summary(window?: Duration): TimerSummary;
}

/** A timer for each set of labels. */
export interface TimerFamily<Name extends string> {
  /** The timer of these labels, always the same object. @throws {@link LabelError} when the labels are not exactly those of the metric */
  child(labels: Labels<Name>): Timer;
  /** Short for `child(labels).time(fn)`. */
  time<T>(labels: Labels<Name>, fn: () => T): T;
  /** Short for `child(labels).start()`. */
  start(labels: Labels<Name>): Span;
  /** Short for `child(labels).record(…)`. */
  record(labels: Labels<Name>, milliseconds: number, outcome?: Outcome, exemplar?: Labels): void;
  /** Removes both series of a timer. @returns whether there was one */
  remove(labels: Labels<Name>): boolean;
  /** Removes all series. */
  clear(): void;
}
