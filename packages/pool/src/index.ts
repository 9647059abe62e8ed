export type { AcquireOptions } from './admission/acquire-options.ts';
export { poolConfig, type PoolConfigBuilder } from './configuration/pool-config.ts';
export type { PoolOptions } from './configuration/pool-options.ts';
export { presets } from './configuration/presets.ts';
export {
  PoolAcquireError,
  PoolAcquireTimeoutError,
  PoolClosedError,
  PoolCreateError,
  PoolDoubleReleaseError,
  PoolExhaustedError,
  PoolHealthCheckError,
  PoolQueueFullError,
  type PoolSituation,
} from './errors.ts';
export {
  createPoolRegistry,
  type PoolRegistry,
  type RegisteredPool,
} from './registry/pool-registry.ts';
export type { DestroyReason, PoolStats, Timings } from './statistics/pool-stats.ts';
