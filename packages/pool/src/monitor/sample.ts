import type { PoolStats } from '../statistics/pool-stats.ts';

/** What has happened between a sample and the one before it. */
export interface PoolFlow {
  readonly acquired: number;
  readonly released: number;
  readonly created: number;
  /** Of all that ended, whatever the reason. */
  readonly destroyed: number;
  /** Of those, what came back when `maxIdle` lay unused. */
  readonly surplus: number;
  readonly timeouts: number;
  readonly rejected: number;
  readonly errors: number;
}

/** Where a pool stood at one time, and what has happened since the sample before. */
export interface PoolSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since the sample before. */
  readonly span: number;
  readonly limit: number;
  readonly total: number;
  readonly active: number;
  readonly idle: number;
  readonly connecting: number;
  readonly waiting: number;
  readonly utilization: number;
  readonly leaked: number;
  readonly flow: PoolFlow;
}

/** @param before what the pool said at the sample before. @param span milliseconds since then */
export function sampleOf(
  stats: PoolStats,
  before: PoolStats,
  at: number,
  span: number,
): PoolSample {
  const { limit, total, active, idle, connecting, waiting, utilization, leaked } = stats;
  return {
    at,
    span,
    limit,
    total,
    active,
    idle,
    connecting,
    waiting,
    utilization,
    leaked,
    flow: {
      acquired: stats.acquired - before.acquired,
      released: stats.released - before.released,
      created: stats.created - before.created,
      destroyed: ended(stats) - ended(before),
      surplus: stats.destroyed.surplus - before.destroyed.surplus,
      timeouts: stats.timeouts - before.timeouts,
      rejected: stats.rejected - before.rejected,
      errors: stats.errors - before.errors,
    },
  };
}

function ended({ destroyed }: PoolStats): number {
  return Object.values(destroyed).reduce((sum, one) => sum + one, 0);
}
