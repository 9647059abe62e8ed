import { ConfigError } from '@perf/core';
import { poolSettings, type PoolOptions } from '../configuration/pool-options.ts';
import { SettingList, type EnvironmentSetting, type Source } from './setting-list.ts';
import { readVariables, type Environment, type VariableValues } from './variables.ts';

/** Options of a database's pool, to be spread into its others. Times are milliseconds. */
export interface DatabaseEnvironment {
  readonly max: number;
  readonly maxIdle: number;
  readonly acquireTimeout: number;
  readonly maxLifetime: number;
}

/** Options of `retry()` of `@perf/resilience`. */
export interface RetryEnvironment {
  /** The first one included. */
  readonly maxAttempts: number;
  readonly backoff: {
    readonly kind: 'exponential';
    /** Milliseconds. */
    readonly base: number;
    readonly factor: number;
    readonly jitter: 'equal';
  };
}

/** Options of `createHttpPool`; only what is set. */
export interface HttpEnvironment {
  readonly max?: number;
  readonly maxPerOrigin?: number;
  readonly retry?: RetryEnvironment;
}

/** What the environment says about pools. */
export interface PoolEnvironment {
  readonly database: DatabaseEnvironment;
  readonly http: HttpEnvironment;
  readonly retry: RetryEnvironment;
  /** Every value, with where it is from. */
  readonly settings: readonly EnvironmentSetting[];
}

const POOL_SIZE = 20;
const OVERFLOW = 30;
const TIMEOUT = 30_000;
const RECYCLE = 3_600_000;

/**
 * Reads `DATABASE_POOL_SIZE`, `DATABASE_MAX_OVERFLOW`, `DATABASE_POOL_TIMEOUT`, `DATABASE_POOL_RECYCLE`, `MAX_DATABASE_CONNS`,
 * `MAX_IDLE_DATABASE_CONNS`, `MAX_HTTP_CONNS`, `MAX_HTTP_CONNS_PER_HOST`, `RETRY_MAX_ATTEMPTS`, `RETRY_BACKOFF_MULTIPLIER` and
 * `RETRY_INITIAL_BACKOFF`. What is empty counts as unset.
 * @param env such as `process.env`
 * @throws {@link ConfigError} naming the variable that is refused, or the two that do not agree
 * @example
 * const { database, http } = poolConfigFromEnv(process.env);
 * const pool = createPostgresPool({ ...database, connectionString });
 */
export function poolConfigFromEnv(env: Environment): PoolEnvironment {
  const values = readVariables(env);
  const list = new SettingList(values);
  const database = databaseOf(values, list);
  const retry = retryOf(list);
  const http = httpOf(values, list, retry);
  return { database, http, retry, settings: list.all };
}

function databaseOf(values: VariableValues, list: SettingList): DatabaseEnvironment {
  const max = list.addOr('database.max', POOL_SIZE + OVERFLOW, [
    list.from('MAX_DATABASE_CONNS'),
    sizeAndOverflow(values),
  ]);
  const maxIdle = list.addOr('database.maxIdle', Math.min(POOL_SIZE, max), [
    list.from('DATABASE_POOL_SIZE'),
    list.from('MAX_IDLE_DATABASE_CONNS'),
    withoutOverflow(values),
  ]);
  if (maxIdle > max) {
    const smaller =
      values.DATABASE_POOL_SIZE === undefined ? 'MAX_IDLE_DATABASE_CONNS' : 'DATABASE_POOL_SIZE';
    throw new ConfigError(smaller, maxIdle, `at most MAX_DATABASE_CONNS, ${max}`);
  }
  const acquireTimeout = list.addOr('database.acquireTimeout', TIMEOUT, [
    list.from('DATABASE_POOL_TIMEOUT'),
  ]);
  const maxLifetime = list.addOr('database.maxLifetime', RECYCLE, [
    list.from('DATABASE_POOL_RECYCLE'),
  ]);
  const database = { max, maxIdle, acquireTimeout, maxLifetime } satisfies PoolOptions;
  poolSettings('database', database);
  return database;
}

/** The overflow counts on top of what is kept. */
function sizeAndOverflow(values: VariableValues): Source {
  const { DATABASE_POOL_SIZE: size, DATABASE_MAX_OVERFLOW: overflow } = values;
  // A size alone does not contradict another maximum.
  const isOpen =
    values.MAX_DATABASE_CONNS !== undefined && (size === undefined || overflow === undefined);
  if ((size === undefined && overflow === undefined) || isOpen) {
    return { origin: '', value: undefined };
  }
  const kept = size ?? values.MAX_IDLE_DATABASE_CONNS ?? POOL_SIZE;
  const names = [
    size === undefined ? undefined : 'DATABASE_POOL_SIZE',
    overflow === undefined ? undefined : 'DATABASE_MAX_OVERFLOW',
  ];
  const origin = names.filter((name) => name !== undefined).join(' + ');
  return { origin, value: kept + (overflow ?? OVERFLOW) };
}

/** What is kept of a maximum, when only the overflow is given beside it. */
function withoutOverflow(values: VariableValues): Source {
  const { MAX_DATABASE_CONNS: max, DATABASE_MAX_OVERFLOW: overflow } = values;
  const isGiven = (values.DATABASE_POOL_SIZE ?? values.MAX_IDLE_DATABASE_CONNS) !== undefined;
  if (max === undefined || overflow === undefined || isGiven) {
    return { origin: '', value: undefined };
  }
  if (overflow > max) {
    throw new ConfigError('DATABASE_MAX_OVERFLOW', overflow, `at most MAX_DATABASE_CONNS, ${max}`);
  }
  return { origin: 'MAX_DATABASE_CONNS - DATABASE_MAX_OVERFLOW', value: max - overflow };
}

function retryOf(list: SettingList): RetryEnvironment {
  return {
    maxAttempts: list.addOr('retry.maxAttempts', 3, [list.from('RETRY_MAX_ATTEMPTS')]),
    backoff: {
      kind: 'exponential',
      base: list.addOr('retry.backoff.base', 100, [list.from('RETRY_INITIAL_BACKOFF')]),
      factor: list.addOr('retry.backoff.factor', 2, [list.from('RETRY_BACKOFF_MULTIPLIER')]),
      jitter: 'equal',
    },
  };
}

function httpOf(
  values: VariableValues,
  list: SettingList,
  retry: RetryEnvironment,
): HttpEnvironment {
  const max = list.add('http.max', [list.from('MAX_HTTP_CONNS')]);
  const maxPerOrigin = list.add('http.maxPerOrigin', [list.from('MAX_HTTP_CONNS_PER_HOST')]);
  if (max !== undefined && maxPerOrigin !== undefined && maxPerOrigin > max) {
    throw new ConfigError(
      'MAX_HTTP_CONNS_PER_HOST',
      maxPerOrigin,
      `at most MAX_HTTP_CONNS, ${max}`,
    );
  }
  const { RETRY_MAX_ATTEMPTS, RETRY_BACKOFF_MULTIPLIER, RETRY_INITIAL_BACKOFF } = values;
  const isRetrySet =
    (RETRY_MAX_ATTEMPTS ?? RETRY_BACKOFF_MULTIPLIER ?? RETRY_INITIAL_BACKOFF) !== undefined;
  return {
    ...(max === undefined ? {} : { max }),
    ...(maxPerOrigin === undefined ? {} : { maxPerOrigin }),
    ...(isRetrySet ? { retry } : {}),
  };
}
