import { isAbort, isRefusal, isTimeout } from '../../execution/outcome.ts';
import { isTransientClickHouseError } from './clickhouse.ts';
import { isTransientHttpError } from './http.ts';
import { isTransientPostgresError } from './postgres.ts';
import { isTransientRedisError } from './redis.ts';

/**
 * Whether trying again may help: a timeout, or what one of the classifiers for sockets, HTTP, PostgreSQL, Redis and ClickHouse
 * recognises. An abort and a `RefusedError` are not: a limit or a breaker that says no is not to be pressed.
 */
export function isTransientError(error: unknown): boolean {
  if (isAbort(error) || isRefusal(error)) return false;
  return (
    isTimeout(error) ||
    isTransientHttpError(error) ||
    isTransientPostgresError(error) ||
    isTransientRedisError(error) ||
    isTransientClickHouseError(error)
  );
}
