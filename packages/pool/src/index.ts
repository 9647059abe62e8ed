export type { AcquireOptions } from './admission/acquire-options.ts';
export type { LimitReason } from './autoscale/autoscale-law.ts';
export type { Measurement } from './autoscale/measurement.ts';
export type { PoolAutoscalerOptions } from './autoscale/options.ts';
export {
  createPoolAutoscaler,
  type PoolAutoscaler,
  type PoolAutoscalerSnapshot,
  type ScalablePool,
} from './autoscale/pool-autoscaler.ts';
export type { PoolAutoscalerEvents, PoolLimitEvent } from './autoscale/telemetry.ts';
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
export type { PoolCondition, PoolReason, PoolStatus, Thresholds } from './monitor/conditions.ts';
export type { PoolMonitorOptions } from './monitor/options.ts';
export { createPoolMonitor, type MonitoredPool, type PoolMonitor } from './monitor/pool-monitor.ts';
export type { PoolRecommendation } from './monitor/recommendations.ts';
export type { PoolFlow, PoolSample } from './monitor/sample.ts';
export type { PoolHealth, PoolMonitorEvents, PoolStatusEvent } from './monitor/telemetry.ts';
export {
  createPoolRegistry,
  type AcquirableName,
  type AcquireArguments,
  type LeaseOf,
  type PoolRegistry,
  type RegisteredPool,
  type RegistryDrainOptions,
  type RegistryStats,
} from './registry/pool-registry.ts';
export type { DestroyReason, PoolStats, Timings } from './statistics/pool-stats.ts';
