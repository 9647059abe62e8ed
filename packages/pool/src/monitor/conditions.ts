import type { SampleWindow } from './sample-history.ts';

/** How a pool does, the worst last. */
export type PoolStatus = 'healthy' | 'degraded' | 'unhealthy';

/** What can be wrong with a pool. */
export type PoolCondition =
  /** Callers' time is over before their turn: as a part of all callers. */
  | 'timeouts'
  /** Callers are refused, since the queue is full or nothing ready: as a part of all callers. */
  | 'refusals'
  /** Callers wait: milliseconds, on average. */
  | 'waiting'
  /** As many are out as may: `utilization`, on average. */
  | 'saturation'
  /** Creations, checks, resets or destructions fail: as a part of those and the creations that succeed. */
  | 'failures'
  /** Some are out for longer than `leakThreshold`: as a part of the limit. */
  | 'leaks'
  /** All are out, somebody waits, and nothing has come back for the whole window: 1. */
  | 'stuck';

/** From which value on a condition makes a pool degraded or unhealthy. */
export interface Thresholds {
  /** `Infinity` for never. */
  readonly degraded: number;
  /** `Infinity` for never. */
  readonly unhealthy: number;
}

/** Why a pool is not healthy. */
export interface PoolReason {
  readonly condition: PoolCondition;
  readonly status: Exclude<PoolStatus, 'healthy'>;
  /** In the unit of the condition. */
  readonly value: number;
  /** A sentence with the figures. */
  readonly message: string;
}

interface Rule {
  readonly thresholds: Thresholds;
  measure(window: SampleWindow): number;
  message(value: number, window: SampleWindow): string;
}

/** What a condition means, and its thresholds unless others are given. */
export const RULES: Readonly<Record<PoolCondition, Rule>> = {
  timeouts: {
    thresholds: { degraded: 0.01, unhealthy: 0.1 },
    measure: (window) => partOfCallers(window, 'timeouts'),
    message: (value, window) =>
      `${window.sum('timeouts')} callers waited in vain (${percent(value)})`,
  },
  refusals: {
    thresholds: { degraded: 0.01, unhealthy: 0.1 },
    measure: (window) => partOfCallers(window, 'rejected'),
    message: (value, window) =>
      `${window.sum('rejected')} callers were refused (${percent(value)})`,
  },
  waiting: {
    thresholds: { degraded: 100, unhealthy: 1000 },
    measure: meanWait,
    message: (value, window) =>
      value === Infinity
        ? `${window.latest?.waiting ?? 0} callers wait, and none has had its turn`
        : `callers wait ${Math.round(value)} ms on average`,
  },
  saturation: {
    thresholds: { degraded: 0.9, unhealthy: Infinity },
    measure: (window) => window.mean(({ utilization }) => utilization),
    message: (value, window) => `${percent(value)} of ${window.latest?.limit ?? 0} are out`,
  },
  failures: {
    thresholds: { degraded: 0.05, unhealthy: 0.5 },
    measure: partOfFailures,
    message: (_, window) =>
      `${window.sum('errors')} failures beside ${window.sum('created')} creations, ${window.latest?.total ?? 0} are there`,
  },
  leaks: {
    thresholds: { degraded: Number.EPSILON, unhealthy: 0.5 },
    measure: ({ latest }) => (latest === undefined ? 0 : latest.leaked / latest.limit),
    message: (_, { latest }) => `${latest?.leaked ?? 0} of ${latest?.limit ?? 0} have leaked`,
  },
  stuck: {
    thresholds: { degraded: 1, unhealthy: 1 },
    measure: (window) => (isStuck(window) ? 1 : 0),
    message: (_, window) =>
      `all ${window.latest?.limit ?? 0} are out, and none came back for ${Math.round(window.span / 1000)} s`,
  },
};

/** Every name of a {@link PoolCondition}. */
export const CONDITIONS = Object.keys(RULES) as readonly PoolCondition[];

/**
 * Milliseconds, by Little's law: those who wait, over those who have their turn in a millisecond. `Infinity` when nobody has.
 * Source: Little, "A proof for the queuing formula L = λW", Operations Research 9 (3), 1961.
 */
export function meanWait(window: SampleWindow): number {
  const waiting = window.mean((sample) => sample.waiting);
  const turns = window.sum('acquired') + window.sum('timeouts');
  return waiting === 0 ? 0 : (waiting * window.span) / turns;
}

/** Whether what is out never comes back. */
export function isStuck(window: SampleWindow): boolean {
  const isFull = window.samples.every(({ active, limit }) => active >= limit);
  const { latest } = window;
  return isFull && latest !== undefined && latest.waiting > 0 && window.sum('released') === 0;
}

function partOfCallers(window: SampleWindow, what: 'timeouts' | 'rejected'): number {
  const all = window.sum('acquired') + window.sum('timeouts') + window.sum('rejected');
  return all === 0 ? 0 : window.sum(what) / all;
}

/** Below one half while something is there that serves. */
function partOfFailures(window: SampleWindow): number {
  const errors = window.sum('errors');
  if (errors === 0) return 0;
  const part = errors / (errors + window.sum('created'));
  return window.latest?.total === 0 ? part : Math.min(part, 0.49);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
}
