import type { PoolStats } from '../statistics/pool-stats.ts';
import { isStuck, meanWait } from './conditions.ts';
import type { SampleHistory, SampleWindow } from './sample-history.ts';

/** What to change, and why. */
export interface PoolRecommendation {
  /** The pool's name. */
  readonly pool: string;
  /** The option to change; `limit` is what `setLimit` takes. */
  readonly option: 'limit' | 'max' | 'min' | 'maxIdle' | 'maxQueue' | 'leakThreshold';
  /** What it is; `undefined` where the statistics do not say. */
  readonly current: number | undefined;
  /** What to set it to. */
  readonly value: number | string;
  /** The figures that it follows from. */
  readonly evidence: string;
}

/** How full a pool should be on average: the rest is for chance. */
const HEADROOM = 0.8;
/** A wait below this, in milliseconds, is nothing to act on. */
const SHORT_WAIT = 5;
/** Which part of what comes back may be destroyed as surplus. */
const SURPLUS = 0.1;
/** A pool of fewer is not worth making smaller. */
const SMALL = 4;

type Advice = Omit<PoolRecommendation, 'pool'>;

/** What the figures say should be changed; each option once. */
export function recommend(
  stats: PoolStats,
  window: SampleWindow,
  history: SampleHistory,
): readonly PoolRecommendation[] {
  if (window.samples.length === 0) return [];
  const advice = isStuck(window)
    ? [watchLeaks(stats, window)]
    : [
        enlarge(stats, window),
        queueMore(stats, window),
        keepMore(stats, window),
        keepReady(stats, window),
        shrink(stats, history),
      ];
  return advice.filter((one) => one !== undefined).map((one) => ({ pool: stats.name, ...one }));
}

function watchLeaks({ useMs, limit }: PoolStats, window: SampleWindow): Advice | undefined {
  // With leak detection on, its events tell who holds them.
  if (useMs.count > 0) return undefined;
  return {
    option: 'leakThreshold',
    current: undefined,
    value: '30s',
    evidence: `all ${limit} are out, ${window.latest?.waiting ?? 0} callers wait, and nothing came back for ${seconds(window.span)}; leak reports tell who holds them`,
  };
}

function enlarge({ limit, max }: PoolStats, window: SampleWindow): Advice | undefined {
  const waitingShare = window.share(({ waiting }) => waiting > 0);
  if (waitingShare < 0.5 || meanWait(window) < SHORT_WAIT) return undefined;
  const { latest } = window;
  // Those who wait for creations that fail are not helped by more places.
  if (latest === undefined || window.mean(({ utilization }) => utilization) < HEADROOM) {
    return undefined;
  }
  const active = window.mean((sample) => sample.active);
  const released = window.sum('released');
  const use = released === 0 ? 0 : (active * window.span) / released;
  const offered = window.sum('acquired') + window.sum('timeouts') + window.sum('rejected');
  const atOnce = Math.max(active, (offered * use) / window.span);
  const value = Math.min(2 * limit, Math.max(limit + 1, Math.ceil(atOnce / HEADROOM)));
  const perSecond = ((offered * 1000) / window.span).toFixed(1);
  const evidence = `callers waited in ${Math.round(waitingShare * 100)} % of the last ${seconds(window.span)}, ${Math.round(meanWait(window))} ms each; ${perSecond} callers a second who hold one for ${Math.round(use)} ms need ${Math.ceil(atOnce)} at once`;
  return limit < max
    ? { option: 'limit', current: limit, value: Math.min(max, value), evidence }
    : { option: 'max', current: max, value, evidence };
}

function queueMore(_: PoolStats, window: SampleWindow): Advice | undefined {
  const rejected = window.sum('rejected');
  const most = window.quantile(1, ({ waiting }) => waiting);
  // A longer queue helps with bursts; where those who wait do so in vain, it makes things worse.
  if (rejected === 0 || most === 0 || window.sum('timeouts') > 0) return undefined;
  if (window.share(({ waiting }) => waiting > 0) >= 0.5) return undefined;
  return {
    option: 'maxQueue',
    current: undefined,
    value: 2 * Math.max(most, rejected),
    evidence: `${rejected} callers were refused in the last ${seconds(window.span)}, in bursts that left ${most} waiting, and nobody's time was over`,
  };
}

function keepMore({ maxIdle, max }: PoolStats, window: SampleWindow): Advice | undefined {
  const [surplus, released] = [window.sum('surplus'), window.sum('released')];
  if (maxIdle >= max || surplus === 0 || surplus < SURPLUS * released) return undefined;
  const usual = window.quantile(0.95, ({ active }) => active);
  return {
    option: 'maxIdle',
    current: maxIdle,
    value: Math.min(max, Math.max(maxIdle + 1, usual)),
    evidence: `${surplus} of ${released} that came back were destroyed, as ${maxIdle} lay unused; up to ${usual} are out`,
  };
}

function keepReady({ min, max, connectMs }: PoolStats, window: SampleWindow): Advice | undefined {
  const created = window.sum('created');
  const usual = window.quantile(0.5, ({ active }) => active);
  const isCold = window.share(({ waiting, connecting }) => waiting > 0 && connecting > 0) >= 0.2;
  if (!isCold || created === 0 || usual <= min || connectMs.p50 < SHORT_WAIT) return undefined;
  return {
    option: 'min',
    current: min,
    value: Math.min(max, usual),
    evidence: `callers waited for ${created} creations of ${Math.round(connectMs.p50)} ms; ${usual} are usually out`,
  };
}

function shrink({ min, max }: PoolStats, history: SampleHistory): Advice | undefined {
  if (!history.isFull || max <= SMALL) return undefined;
  const all = history.last(Infinity);
  const most = all.quantile(1, ({ active, waiting }) => active + waiting);
  const value = Math.max(1, min, Math.ceil((most * 1.5) / HEADROOM));
  if (value > max / 2) return undefined;
  return {
    option: 'max',
    current: max,
    value,
    evidence: `no more than ${most} were out at once in the last ${seconds(all.span)}`,
  };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
