export type { ClickHouseOrigin, ClickHouseServer } from './clickhouse/clickhouse-server.ts';
export {
  CLICKHOUSE_URL_VARIABLE,
  clickHouseIsMissing,
  startClickHouse,
  type StartClickHouseOptions,
} from './clickhouse/start-clickhouse.ts';
export { ForeignServerError, TestServerError } from './errors.ts';
export { createTemporaryFolder, type TemporaryFolder } from './lifecycle/temporary-folder.ts';
export type { ServerProcessInfo } from './lifecycle/managed-server.ts';
export type { PostgresOrigin, PostgresServer } from './postgres/postgres-server.ts';
export {
  POSTGRES_URL_VARIABLE,
  startPostgres,
  type StartPostgresOptions,
} from './postgres/start-postgres.ts';
export type {
  PrometheusExemplar,
  PrometheusSample,
  PrometheusServer,
  PrometheusTarget,
} from './prometheus/prometheus-server.ts';
export { runPromtool, type PromtoolResult } from './prometheus/run-promtool.ts';
export {
  prometheusIsMissing,
  startPrometheus,
  type StartPrometheusOptions,
} from './prometheus/start-prometheus.ts';
export type {
  CutOptions,
  FaultProxy,
  Faults,
  ProxiedConnection,
  ProxyDirection,
} from './proxy/fault-proxy.ts';
export { startProxy, type ProxyTarget, type StartProxyOptions } from './proxy/start-proxy.ts';
export type { RedisArgument } from './redis/command.ts';
export type { RedisConfig } from './redis/config.ts';
export type { FailoverMode, RedisCluster, SlotMove } from './redis-cluster/redis-cluster.ts';
export {
  startRedisCluster,
  type StartRedisClusterOptions,
} from './redis-cluster/start-redis-cluster.ts';
export type {
  RedisSentinel,
  SentinelClientOptions,
  WaitForPrimaryOptions,
} from './redis-sentinel/redis-sentinel.ts';
export {
  startRedisSentinel,
  type StartRedisSentinelOptions,
} from './redis-sentinel/start-redis-sentinel.ts';
export type {
  RedisOrigin,
  RedisServer,
  RedisSnapshot,
  RestartRedisOptions,
} from './redis/redis-server.ts';
export {
  REDIS_URL_VARIABLE,
  redisIsMissing,
  startRedis,
  type StartRedisOptions,
} from './redis/start-redis.ts';
