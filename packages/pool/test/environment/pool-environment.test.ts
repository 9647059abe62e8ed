import { retry } from '@perf/resilience';
import { expect, test } from 'vitest';
import { poolConfigFromEnv } from '../../src/environment/pool-environment.ts';
import { createHttpPool } from '../../src/http/http-pool.ts';
import { createObjectPool } from '../../src/object/object-pool.ts';

test('nothing that is set gives 20 that are kept and 30 more, 30 s of waiting, an hour of life', () => {
  const { database, http, retry: tries, settings } = poolConfigFromEnv({ PATH: '/bin' });
  expect(database).toEqual({
    max: 50,
    maxIdle: 20,
    acquireTimeout: 30_000,
    maxLifetime: 3_600_000,
  });
  expect(http).toEqual({});
  expect(tries).toMatchObject({ maxAttempts: 3, backoff: { base: 100, factor: 2 } });
  expect(settings.every(({ origin }) => origin === 'default')).toBe(true);
});

test('every value is told with where it is from', () => {
  const { settings, http } = poolConfigFromEnv({
    DATABASE_POOL_SIZE: '5',
    DATABASE_MAX_OVERFLOW: '7',
    DATABASE_POOL_TIMEOUT: '10',
    MAX_HTTP_CONNS: ' 40 ',
    MAX_HTTP_CONNS_PER_HOST: '4',
    RETRY_MAX_ATTEMPTS: '5',
    RETRY_BACKOFF_MULTIPLIER: '2.5',
    RETRY_INITIAL_BACKOFF: '200',
  });
  expect(settings).toEqual([
    { option: 'database.max', value: 12, origin: 'DATABASE_POOL_SIZE + DATABASE_MAX_OVERFLOW' },
    { option: 'database.maxIdle', value: 5, origin: 'DATABASE_POOL_SIZE' },
    { option: 'database.acquireTimeout', value: 10_000, origin: 'DATABASE_POOL_TIMEOUT' },
    { option: 'database.maxLifetime', value: 3_600_000, origin: 'default' },
    { option: 'retry.maxAttempts', value: 5, origin: 'RETRY_MAX_ATTEMPTS' },
    { option: 'retry.backoff.base', value: 200, origin: 'RETRY_INITIAL_BACKOFF' },
    { option: 'retry.backoff.factor', value: 2.5, origin: 'RETRY_BACKOFF_MULTIPLIER' },
    { option: 'http.max', value: 40, origin: 'MAX_HTTP_CONNS' },
    { option: 'http.maxPerOrigin', value: 4, origin: 'MAX_HTTP_CONNS_PER_HOST' },
  ]);
  expect(http).toMatchObject({ max: 40, maxPerOrigin: 4, retry: { maxAttempts: 5 } });
});

test.each<[string, string, number]>([
  ['DATABASE_POOL_TIMEOUT', '30', 30_000],
  ['DATABASE_POOL_TIMEOUT', '1.5', 1500],
  ['DATABASE_POOL_TIMEOUT', '250ms', 250],
  ['DATABASE_POOL_RECYCLE', '1800', 1_800_000],
  ['DATABASE_POOL_RECYCLE', '2h', 7_200_000],
  ['DATABASE_POOL_RECYCLE', '-1', Infinity],
  ['RETRY_INITIAL_BACKOFF', '250', 250],
  ['RETRY_INITIAL_BACKOFF', '1s', 1000],
])('%s=%s is %d ms', (name, text, milliseconds) => {
  const { settings } = poolConfigFromEnv({ [name]: text });
  expect(settings.find(({ origin }) => origin === name)?.value).toBe(milliseconds);
});

test.each<[Record<string, string>, { max: number; maxIdle: number }]>([
  [{ DATABASE_POOL_SIZE: '5' }, { max: 35, maxIdle: 5 }],
  [{ DATABASE_MAX_OVERFLOW: '0' }, { max: 20, maxIdle: 20 }],
  [{ MAX_DATABASE_CONNS: '50' }, { max: 50, maxIdle: 20 }],
  [{ MAX_DATABASE_CONNS: '8' }, { max: 8, maxIdle: 8 }],
  [
    { MAX_DATABASE_CONNS: '50', MAX_IDLE_DATABASE_CONNS: '15' },
    { max: 50, maxIdle: 15 },
  ],
  [
    { MAX_DATABASE_CONNS: '40', DATABASE_POOL_SIZE: '20' },
    { max: 40, maxIdle: 20 },
  ],
  [
    { MAX_DATABASE_CONNS: '40', DATABASE_MAX_OVERFLOW: '10' },
    { max: 40, maxIdle: 30 },
  ],
  [
    { MAX_IDLE_DATABASE_CONNS: '10', DATABASE_MAX_OVERFLOW: '5' },
    { max: 15, maxIdle: 10 },
  ],
  [{ MAX_IDLE_DATABASE_CONNS: '0' }, { max: 50, maxIdle: 0 }],
  [
    { MAX_DATABASE_CONNS: '', DATABASE_POOL_SIZE: ' ' },
    { max: 50, maxIdle: 20 },
  ],
  [
    { MAX_DATABASE_CONNS: '50', DATABASE_POOL_SIZE: '20', DATABASE_MAX_OVERFLOW: '30' },
    { max: 50, maxIdle: 20 },
  ],
])('%o is %o', (env, expected) => {
  expect(poolConfigFromEnv(env).database).toMatchObject(expected);
});

test.each<[Record<string, string>, string, string]>([
  [
    { MAX_DATABASE_CONNS: '40', DATABASE_POOL_SIZE: '20', DATABASE_MAX_OVERFLOW: '30' },
    'DATABASE_POOL_SIZE + DATABASE_MAX_OVERFLOW',
    'must be 40, as MAX_DATABASE_CONNS says; unset one of the two, got 50',
  ],
  [
    { DATABASE_POOL_SIZE: '20', MAX_IDLE_DATABASE_CONNS: '15' },
    'MAX_IDLE_DATABASE_CONNS',
    'must be 20, as DATABASE_POOL_SIZE says',
  ],
  [
    { MAX_DATABASE_CONNS: '10', DATABASE_POOL_SIZE: '20' },
    'DATABASE_POOL_SIZE',
    'must be at most MAX_DATABASE_CONNS, 10, got 20',
  ],
  [
    { MAX_DATABASE_CONNS: '10', MAX_IDLE_DATABASE_CONNS: '15' },
    'MAX_IDLE_DATABASE_CONNS',
    'must be at most MAX_DATABASE_CONNS, 10, got 15',
  ],
  [
    { MAX_DATABASE_CONNS: '10', DATABASE_MAX_OVERFLOW: '15' },
    'DATABASE_MAX_OVERFLOW',
    'must be at most MAX_DATABASE_CONNS, 10, got 15',
  ],
  [
    { MAX_HTTP_CONNS: '5', MAX_HTTP_CONNS_PER_HOST: '10' },
    'MAX_HTTP_CONNS_PER_HOST',
    'must be at most MAX_HTTP_CONNS, 5, got 10',
  ],
  [{ DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE', 'must be a whole number of at least 1'],
  [{ DATABASE_MAX_OVERFLOW: '-1' }, 'DATABASE_MAX_OVERFLOW', 'got "-1"'],
  [{ MAX_HTTP_CONNS: '1e3' }, 'MAX_HTTP_CONNS', 'got "1e3"'],
  [
    { DATABASE_POOL_TIMEOUT: 'soon' },
    'DATABASE_POOL_TIMEOUT',
    `must be a time such as '30s', or seconds, got "soon"`,
  ],
  [{ DATABASE_POOL_TIMEOUT: '0' }, 'DATABASE_POOL_TIMEOUT', 'got "0"'],
  [{ DATABASE_POOL_TIMEOUT: '-1' }, 'DATABASE_POOL_TIMEOUT', 'got "-1"'],
  [{ RETRY_BACKOFF_MULTIPLIER: '0.5' }, 'RETRY_BACKOFF_MULTIPLIER', 'of at least 1'],
  [{ RETRY_MAX_ATTEMPTS: 'three' }, 'RETRY_MAX_ATTEMPTS', 'of at least 1'],
  [{ RETRY_INITIAL_BACKOFF: '1..2' }, 'RETRY_INITIAL_BACKOFF', 'or milliseconds'],
])('%o is refused, naming %s', (env, option, message) => {
  expect(() => poolConfigFromEnv(env)).toThrow(
    expect.objectContaining({
      code: 'PERF_CONFIG',
      option,
      message: expect.stringContaining(message) as string,
    }) as Error,
  );
});

test('what comes out is what pools and retries take', async () => {
  const {
    database,
    http,
    retry: tries,
  } = poolConfigFromEnv({
    RETRY_MAX_ATTEMPTS: '5',
    MAX_HTTP_CONNS: '3',
    DATABASE_POOL_RECYCLE: '-1',
  });
  const pool = createObjectPool({ ...database, create: () => 1 });
  expect(pool.stats()).toMatchObject({ max: 50, maxIdle: 20 });
  const clients = createHttpPool(http);
  expect(clients.stats()).toMatchObject({ max: 3 });
  expect(await retry(tries).execute(() => 1)).toBe(1);
  await Promise.all([pool.close(), clients.close()]);
});
