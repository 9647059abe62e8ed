import type { PoolStats, Timings } from '../../src/statistics/pool-stats.ts';

const NONE: Timings = { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };

/** What a pool of ten says that has done nothing yet, with some of it changed. */
export function statsOf(changed: Partial<PoolStats> = {}): PoolStats {
  return {
    name: 'orders',
    min: 0,
    max: 10,
    maxIdle: 10,
    limit: 10,
    total: 0,
    active: 0,
    idle: 0,
    connecting: 0,
    waiting: 0,
    utilization: (changed.active ?? 0) / (changed.limit ?? 10),
    acquired: 0,
    released: 0,
    created: 0,
    destroyed: {
      idle: 0,
      lifetime: 0,
      surplus: 0,
      invalid: 0,
      reset: 0,
      discarded: 0,
      closed: 0,
      late: 0,
      lost: 0,
    },
    timeouts: 0,
    rejected: 0,
    aborted: 0,
    errors: 0,
    leaked: 0,
    acquireMs: NONE,
    useMs: NONE,
    connectMs: NONE,
    ...changed,
  };
}

/** A pool that says what the test wants. */
export class ScriptedPool {
  #stats = statsOf();

  stats(): PoolStats {
    return this.#stats;
  }

  /** Sets what it says from now on; what is not named stays. */
  set(changed: Partial<PoolStats>): void {
    const next = { ...this.#stats, ...changed };
    this.#stats = { ...next, utilization: next.active / next.limit };
  }

  /** Counts up. */
  add(
    counts: Partial<
      Record<'acquired' | 'released' | 'created' | 'timeouts' | 'rejected' | 'errors', number>
    >,
  ): void {
    const next: Record<string, number> = {};
    for (const [name, by] of Object.entries(counts)) {
      next[name] = this.#stats[name as keyof typeof counts] + by;
    }
    this.set(next);
  }
}
