import { checkOneOf, toMilliseconds } from '@perf/core';
import type {
  CallOptions,
  InsertOptions,
  QueryOptions,
  QueryParameters,
} from './clickhouse-pool.ts';
import type { FlightPlan } from './flight.ts';
import type { TableName } from './identifiers.ts';
import { insertStatement, type InsertData } from './insert-data.ts';
import type { Repeatable } from './requests.ts';
import { isReading } from './retryable.ts';

const ROW_FORMATS = [
  'JSONEachRow',
  'JSONCompactEachRow',
  'JSONStringsEachRow',
  'JSONCompactStringsEachRow',
] as const;

/** A statement whose rows are wanted. @throws {@link ConfigError} for a format that has none */
export function queryPlan(
  operation: 'query' | 'stream',
  sql: string,
  params: QueryParameters | undefined,
  { format = 'JSONEachRow', settings, queryId }: QueryOptions,
): FlightPlan {
  checkOneOf('format', format, ROW_FORMATS);
  // On a line of its own: the last one may be a comment.
  const text = `${sql.replace(/[;\s]+$/, '')}\nFORMAT ${format}`;
  return { operation, sql: text, params, settings, queryId };
}

/** @throws {@link ConfigError} for a name that is none */
export function insertPlan(
  table: TableName,
  data: InsertData,
  { columns, settings, queryId, deduplicationToken: token }: InsertOptions,
): FlightPlan {
  return {
    operation: 'insert',
    sql: insertStatement(table, columns, data.format),
    params: undefined,
    settings: token === undefined ? settings : { ...settings, insert_deduplication_token: token },
    queryId,
    values: () => data.open(),
  };
}

/** @throws {@link ConfigError} for one that is no time */
export function timeoutOf({ timeout }: CallOptions): number | undefined {
  return timeout === undefined ? undefined : toMilliseconds('timeout', timeout, { infinite: true });
}

export function repeatableOf({ queryId }: CallOptions, isIdempotent: boolean): Repeatable {
  if (queryId !== undefined) return 'never';
  return isIdempotent ? 'transient' : 'unsent';
}

export function queryRepeatable(sql: string, options: QueryOptions): Repeatable {
  return repeatableOf(options, options.isIdempotent ?? isReading(sql));
}
