export type { AcquireEvent } from './admission/acquire-channel.ts';
export type { QueryEvent } from './statistics/query-channel.ts';
export type { AcquireOptions } from './admission/acquire-options.ts';
export {
  createClickHousePool,
  type CallOptions,
  type ClickHousePool,
  type ClientLease,
  type CommandOptions,
  type InsertOptions,
  type QueryOptions,
  type QueryParameters,
} from './clickhouse/clickhouse-pool.ts';
export type { ClickHouseClient, ClickHouseSettings } from './clickhouse/client.ts';
export {
  ClickHouseInserterFullError,
  ClickHouseResponseError,
  ClickHouseResultTooLargeError,
} from './clickhouse/errors.ts';
export type { TableName } from './clickhouse/identifiers.ts';
export type { InsertRow, InsertRows } from './clickhouse/insert-data.ts';
export type { Inserter, InserterOptions, InserterStats } from './clickhouse/inserter-options.ts';
export type { ClickHouseConnectionOptions, ClickHousePoolOptions } from './clickhouse/options.ts';
export type { RowStream } from './clickhouse/row-stream.ts';
export type {
  ClickHouseBatchEvent,
  ClickHouseErrorEvent,
  ClickHousePoolEvents,
  ClickHousePoolStats,
  ClickHouseQueryEvent,
  ClickHouseOperation,
  ClickHouseRetryEvent,
} from './clickhouse/telemetry.ts';
export { PoolQueryTimeoutError } from './errors.ts';
export type { LeakEvent } from './leaks/leak-watch.ts';
