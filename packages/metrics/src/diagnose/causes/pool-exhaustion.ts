import type { PoolView } from '../context.ts';
import type { Recommendation, Suspicion } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

/** From which utilization on a pool is used up. */
const USED_UP = 0.9;

/** Callers wait for a pool, or are sent away. */
export const poolExhaustion: Rule = {
  cause: 'pool-exhaustion',
  inspect(observation) {
    const { pools, previous } = observation.context;
    if (pools === undefined || pools.length === 0) return undefined;
    return pools.flatMap(
      (pool) =>
        inspectPool(
          observation,
          pool,
          previous?.pools?.find(({ name }) => name === pool.name),
        ) ?? [],
    );
  },
};

function inspectPool(
  { thresholds }: Observation,
  pool: PoolView,
  earlier: PoolView | undefined,
): Suspicion | undefined {
  const levels = thresholds.poolWait;
  const wait = pool.acquireMs.p95;
  const sentAway =
    since(pool.timeouts, earlier?.timeouts) + since(pool.rejected, earlier?.rejected);
  const served = since(pool.acquired, earlier?.acquired);
  const refusedShare = sentAway / Math.max(1, sentAway + served);
  const isFull = pool.active >= pool.limit * USED_UP;
  const isWaited = wait >= levels.warning && (isFull || pool.waiting > 0);
  const isRefused = refusedShare > 0.01 && sentAway >= 3 && (isFull || wait >= levels.warning);
  if (!isWaited && !isRefused) return undefined;
  const use = pool.useMs?.p95 ?? Number.NaN;
  const isHeldLong = use >= thresholds.latency.warning && use > wait / 4;
  return {
    cause: 'pool-exhaustion',
    intensity: Math.max(0.2, intensityOf(wait, levels), isRefused ? refusedShare * 4 : 0),
    confidence: isFull && pool.waiting > 0 ? 0.97 : 0.8,
    subject: pool.name,
    summary: `callers wait ${Math.round(wait)} ms (p95) for the pool "${pool.name}", ${pool.active} of ${pool.limit} are out and ${pool.waiting} wait`,
    evidence: [
      { what: 'wait, p95', value: wait, unit: 'ms', limit: levels.warning },
      { what: 'waiting', value: pool.waiting, unit: 'count' },
      {
        what: 'utilization',
        value: (pool.active / pool.limit) * 100,
        unit: '%',
        limit: USED_UP * 100,
      },
      { what: 'sent away', value: sentAway, unit: 'count' },
      ...(Number.isFinite(use) ? [{ what: 'use, p95', value: use, unit: 'ms' as const }] : []),
      ...((pool.leaked ?? 0) > 0
        ? [{ what: 'not given back', value: pool.leaked ?? 0, unit: 'count' as const }]
        : []),
    ],
    recommendation: recommend(pool, isHeldLong),
    explains: isHeldLong ? [] : ['slow-dependency', 'failing-dependency'],
  };
}

function recommend(pool: PoolView, isHeldLong: boolean): Recommendation {
  const leaked = pool.leaked ?? 0;
  if (leaked > 0 && leaked >= pool.limit / 4) {
    return {
      setting: `releases of the pool "${pool.name}"`,
      from: `${leaked} not given back`,
      to: '0: run the work in `use`, or release in `finally`',
      why: 'what is not given back is lost to all others; a larger pool would be used up a little later',
    };
  }
  const setting = `max of the pool "${pool.name}"`;
  const needed = Math.ceil((pool.active + pool.waiting) * 1.1);
  const to = Math.max(pool.limit + 1, Math.min(needed, pool.limit * 4));
  if (pool.limit < pool.max) {
    return {
      setting: `limit of the pool "${pool.name}"`,
      from: pool.limit,
      to: Math.min(pool.max, to),
      why: 'the pool is held below its maximum; raise what holds it, if what is behind it bears that',
    };
  }
  return {
    setting,
    from: pool.max,
    to,
    why: isHeldLong
      ? 'each one is out for long: first make what is done with it quicker, then enlarge the pool as far as what is behind it allows'
      : `${pool.active + pool.waiting} are wanted at once; stay below what the server allows over all processes`,
  };
}

function since(now: number, then: number | undefined): number {
  // A counter that has become smaller has begun anew.
  return then === undefined || then > now ? now : now - then;
}
