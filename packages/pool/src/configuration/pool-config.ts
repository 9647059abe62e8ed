import type { Duration, Policy } from '@perf/core';
import { poolSettings, type PoolOptions } from './pool-options.ts';

/** Builds {@link PoolOptions} step by step. Each step returns a new builder, so that one can be the start of several. */
export interface PoolConfigBuilder {
  name(name: string): PoolConfigBuilder;
  /** @param min as `PoolOptions.min`. @param max as `PoolOptions.max` */
  size(min: number, max: number): PoolConfigBuilder;
  maxIdle(maxIdle: number): PoolConfigBuilder;
  maxQueue(maxQueue: number): PoolConfigBuilder;
  acquireTimeout(time: Duration): PoolConfigBuilder;
  connectTimeout(time: Duration): PoolConfigBuilder;
  idleTimeout(time: Duration): PoolConfigBuilder;
  /** @param jitter as `PoolOptions.lifetimeJitter` */
  maxLifetime(time: Duration, jitter?: number): PoolConfigBuilder;
  /** @param afterIdle as `PoolOptions.validateAfterIdle` */
  healthCheck(afterIdle: Duration): PoolConfigBuilder;
  /** @param stacks as `PoolOptions.leakStacks` */
  leakDetection(threshold: Duration, stacks?: boolean): PoolConfigBuilder;
  policy(policy: Policy): PoolConfigBuilder;
  /** All options at once, such as a preset; later steps win. */
  with(options: PoolOptions): PoolConfigBuilder;
  /** @returns a frozen plain object. @throws {@link ConfigError} naming the option that is refused */
  build(): PoolOptions;
}

/**
 * @example
 * const options = poolConfig().with(presets.lowLatency).size(20, 40).acquireTimeout('2s').build();
 */
export function poolConfig(): PoolConfigBuilder {
  return builder({});
}

function builder(options: PoolOptions): PoolConfigBuilder {
  const and = (more: PoolOptions): PoolConfigBuilder => builder({ ...options, ...more });
  return {
    name: (name) => and({ name }),
    size: (min, max) => and({ min, max }),
    maxIdle: (maxIdle) => and({ maxIdle }),
    maxQueue: (maxQueue) => and({ maxQueue }),
    acquireTimeout: (acquireTimeout) => and({ acquireTimeout }),
    connectTimeout: (connectTimeout) => and({ connectTimeout }),
    idleTimeout: (idleTimeout) => and({ idleTimeout }),
    maxLifetime: (maxLifetime, lifetimeJitter) =>
      and(lifetimeJitter === undefined ? { maxLifetime } : { maxLifetime, lifetimeJitter }),
    healthCheck: (validateAfterIdle) => and({ validateAfterIdle }),
    leakDetection: (leakThreshold, leakStacks) =>
      and(leakStacks === undefined ? { leakThreshold } : { leakThreshold, leakStacks }),
    policy: (policy) => and({ policy }),
    with: and,
    build() {
      poolSettings('pool', options);
      return Object.freeze({ ...options });
    },
  };
}
