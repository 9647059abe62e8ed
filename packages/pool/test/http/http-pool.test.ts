import { ManualClock } from '@perf/core/testing';
import { circuitBreaker, timeout } from '@perf/resilience';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, vi } from 'vitest';
import { poolConfigFromEnv } from '../../src/env.ts';
import {
  createPoolAutoscaler,
  createPoolMonitor,
  createPoolRegistry,
  PoolClosedError,
  presets,
} from '../../src/index.ts';
import {
  createHttpPool,
  HttpStatusError,
  type HttpPoolOptions,
  type HttpRequestEvent,
} from '../../src/http.ts';
import { loadDriver } from '../../src/http/driver.ts';
import { startHttpServer } from './fixtures/http-server.ts';
import { WAIT } from './fixtures/passing-time.ts';

it('a request gives status, headers and body, and one after the other takes one connection', async () => {
  await using server = await startHttpServer((request, response) => {
    response.setHeader('x-path', request.url ?? '');
    response.end(JSON.stringify({ method: request.method }));
  });
  await using pool = createHttpPool();
  const client = pool.client('api', { baseUrl: server.origin });
  for (let n = 0; n < 5; n++) {
    const response = await client.request(`/things/${n}?a=1`);
    expect([response.status, response.ok, response.headers['x-path']]).toEqual([
      200,
      true,
      `/things/${n}?a=1`,
    ]);
    expect(await response.json()).toEqual({ method: 'GET' });
  }
  expect(server.connections).toBe(1);
  await pool.drain();
  expect(pool.stats()).toMatchObject({
    active: 0,
    waiting: 0,
    connecting: 0,
    acquired: 5,
    released: 5,
    created: 1,
    total: 0,
  });
  expect(pool.stats().destroyed).toMatchObject({ closed: 1 });
});

describe('clients', () => {
  it('have their own headers over those of the pool, and a request its own over both', async () => {
    await using server = await startHttpServer((request, response) => {
      response.end(JSON.stringify(request.headers));
    });
    await using pool = createHttpPool({
      headers: { 'User-Agent': 'pool', 'x-a': 'pool', 'x-b': '1' },
    });
    const client = pool.client('one', { headers: { 'X-A': 'client', 'x-c': 'client' } });
    const response = await client.request(server.origin, {
      headers: { 'x-c': 'request', 'X-B': undefined, 'x-many': ['1', '2'], 'x-number': 5 },
    });
    const headers = (await response.json()) as object;
    expect(headers).toMatchObject({
      'user-agent': 'pool',
      'x-a': 'client',
      'x-c': 'request',
      'x-many': '1, 2',
      'x-number': '5',
    });
    expect(headers).not.toHaveProperty('x-b');
    const pairs = await pool.request(server.origin, { headers: new Headers({ 'x-a': 'pair' }) });
    expect(await pairs.json()).toMatchObject({ 'x-a': 'pair', 'x-b': '1' });
  });

  it('are made once by name', () => {
    const pool = createHttpPool();
    const client = pool.client('one', { limits: { max: 3 } });
    expect(pool.client('one')).toBe(client);
    expect(() => pool.client('one', {})).toThrow('client("one")');
    expect(Object.keys(pool.stats().clients)).toEqual(['default', 'one']);
  });

  it('are counted apart: every call is active, answered or failed', async () => {
    await using server = await startHttpServer((request, response) => {
      response.statusCode = Number(request.url?.slice(1) ?? 200);
      response.end();
    });
    await using pool = createHttpPool({ retry: false, maxRedirects: 0 });
    const client = pool.client('one', { baseUrl: server.origin });
    for (const status of [200, 204, 304, 404, 500]) await client.request(`/${status}`);
    await client.request('nowhere').catch(() => undefined);
    await client.request('/200', { signal: AbortSignal.abort() }).catch(() => undefined);
    const { one, default: other } = pool.stats().clients;
    expect(one).toMatchObject({
      name: 'one',
      requests: 7,
      active: 0,
      responses: { '2xx': 2, '3xx': 1, '4xx': 1, '5xx': 1 },
      errors: { invalid: 1, aborted: 1 },
      latencyMs: { count: 7 },
    });
    expect(other?.requests).toBe(0);
  });
});

describe('a policy runs each try', () => {
  it('a breaker opens by statuses that may pass, which the caller gets as responses', async () => {
    let requests = 0;
    await using server = await startHttpServer((_request, response) => {
      requests++;
      response.statusCode = 503;
      response.end('overloaded');
    });
    await using pool = createHttpPool({ retry: false });
    const policy = circuitBreaker({ name: 'payments', consecutiveFailures: 3 });
    const failures: unknown[] = [];
    policy.on('failure', ({ error }) => failures.push(error));
    const client = pool.client('payments', { policy });
    for (let n = 0; n < 3; n++) {
      const response = await client.request(server.origin);
      expect([response.status, await response.text()]).toEqual([503, 'overloaded']);
    }
    expect(failures.every((error) => error instanceof HttpStatusError)).toBe(true);
    await expect(client.request(server.origin)).rejects.toMatchObject({
      code: 'PERF_CIRCUIT_OPEN',
    });
    expect([requests, pool.stats().clients['payments']?.errors.refused]).toEqual([3, 1]);
    expect((await pool.request(server.origin)).status).toBe(503);
  });

  it('a timeout of a policy ends what it gave up, and frees its connection', async () => {
    const clock = new ManualClock();
    let requests = 0;
    await using server = await startHttpServer(() => {
      requests++;
    });
    await using pool = createHttpPool({
      clock,
      retry: false,
      policy: timeout({ after: 500, clock }),
    });
    const error = pool.request(server.origin).catch((one: unknown) => one);
    await vi.waitFor(() => {
      expect(requests).toBe(1);
    }, WAIT);
    await clock.advanceAsync(500);
    expect(await error).toMatchObject({ code: 'PERF_TIMEOUT' });
    expect(pool.stats().active).toBe(0);
    await vi.waitFor(() => {
      expect(server.sockets.size).toBe(0);
    }, WAIT);
  });

  it('of one that runs it several times, the bodies of all but the last are let go', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.statusCode = 500;
      response.end(Buffer.alloc(1_000_000));
    });
    await using pool = createHttpPool({
      retry: false,
      policy: {
        async execute(fn) {
          const { signal } = new AbortController();
          for (let n = 0; n < 4; n++) await Promise.resolve(fn({ signal })).catch(() => undefined);
          return fn({ signal });
        },
      },
    });
    const response = await pool.request(server.origin);
    expect(response.status).toBe(500);
    expect(pool.stats().active).toBe(1);
    response.discard();
    expect(pool.stats().active).toBe(0);
  });
});

describe('what is told', () => {
  it('each request on perf:pool:request, with client, origin, status or error, and time', async () => {
    await using server = await startHttpServer((request, response) => {
      if (request.url === '/reset') request.socket.resetAndDestroy();
      else response.end();
    });
    await using pool = createHttpPool({ name: 'web', retry: false });
    const events: HttpRequestEvent[] = [];
    const listener = (event: unknown): void => {
      events.push(event as HttpRequestEvent);
    };
    subscribe('perf:pool:request', listener);
    try {
      const client = pool.client('one', { baseUrl: server.origin });
      await client.request('/?secret');
      await client.request('/reset').catch(() => undefined);
    } finally {
      unsubscribe('perf:pool:request', listener);
    }
    const same = { pool: 'web', client: 'one', method: 'GET', origin: server.origin };
    expect(events).toMatchObject([
      { ...same, status: 200, error: undefined },
      { ...same, status: undefined, error: 'reset' },
    ]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('each turn on perf:pool:acquire', async () => {
    await using server = await startHttpServer((_request, response) => response.end());
    await using pool = createHttpPool({ name: 'web' });
    const events: unknown[] = [];
    const listener = (event: unknown): void => {
      events.push(event);
    };
    subscribe('perf:pool:acquire', listener);
    try {
      await pool.request(server.origin);
      await pool.close();
      await pool.request(server.origin).catch(() => undefined);
    } finally {
      unsubscribe('perf:pool:acquire', listener);
    }
    expect(events).toMatchObject([{ pool: 'web', error: undefined }]);
  });

  it('a response that holds its connection for too long, with who asked for it', async () => {
    const clock = new ManualClock();
    await using server = await startHttpServer((_request, response) => {
      response.end(Buffer.alloc(1_000_000));
    });
    await using pool = createHttpPool({ clock, leakThreshold: '10s' });
    const leaks: (string | undefined)[] = [];
    pool.on('leak', ({ stack }) => leaks.push(stack));
    pool.on('leakReturned', () => leaks.push('returned'));
    const response = await pool.request(server.origin);
    await clock.advanceAsync(15_000);
    expect(leaks).toEqual([expect.stringContaining('http-pool.test.ts')]);
    expect(pool.stats().leaked).toBe(1);
    await response.bytes();
    expect([leaks[1], pool.stats().leaked]).toEqual(['returned', 0]);
    expect(pool.stats().useMs.count).toBe(1);
  });
});

describe('a drain', () => {
  it('ends what is under way after its time', async () => {
    const clock = new ManualClock();
    let requests = 0;
    await using server = await startHttpServer((request, response) => {
      requests++;
      if (request.url === '/body') response.write('begin');
    });
    const pool = createHttpPool({ clock });
    const response = await pool.request(`${server.origin}/body`);
    const text = response.text().catch((error: unknown) => error);
    const stuck = pool.request(server.origin).catch((error: unknown) => error);
    await vi.waitFor(() => {
      expect(requests).toBe(2);
    }, WAIT);
    const drained = pool.drain({ timeout: '5s' });
    await clock.advanceAsync(4999);
    expect(pool.stats().active).toBe(2);
    await clock.advanceAsync(1);
    await drained;
    expect(await text).toBeInstanceOf(PoolClosedError);
    expect(await stuck).toBeInstanceOf(PoolClosedError);
    expect(pool.stats()).toMatchObject({ active: 0, acquired: 2, released: 2, total: 0 });
    await vi.waitFor(() => {
      expect(server.sockets.size).toBe(0);
    }, WAIT);
    expect(clock.pendingTimers).toBe(0);
  });

  it('before the first request, and twice, ends too', async () => {
    const pool = createHttpPool();
    await Promise.all([pool.drain(), pool.close(), pool[Symbol.asyncDispose]()]);
    await expect(pool.request('http://127.0.0.1:1/')).rejects.toBeInstanceOf(PoolClosedError);
  });
});

it('without undici the first request says what to install', async () => {
  await expect(loadDriver('undici-that-is-not-there')).rejects.toMatchObject({
    code: 'PERF_MISSING_DRIVER',
    driver: 'undici',
    message: expect.stringContaining('npm install undici'),
  });
});

it('it is a pool as others are: in a registry, watched, scaled, configured by the environment', async () => {
  await using server = await startHttpServer((_request, response) => response.end('ok'));
  const { http: options } = poolConfigFromEnv({
    MAX_HTTP_CONNS: '20',
    MAX_HTTP_CONNS_PER_HOST: '5',
    RETRY_MAX_ATTEMPTS: '2',
  });
  const web = createHttpPool(options);
  const pools = createPoolRegistry({ web });
  const monitor = createPoolMonitor(web);
  const autoscaler = createPoolAutoscaler(web, { min: 2, max: 20 });
  expect(pools.stats().web).toMatchObject({ max: 20, limit: autoscaler.snapshot().limit });
  web.setLimit(3);
  expect(() => web.setLimit(21)).toThrow('limit');
  expect(await (await pools.get('web').request(server.origin)).text()).toBe('ok');
  expect(web.stats().limit).toBe(3);
  expect(monitor.health().status).toBe('healthy');
  await Promise.all([monitor.close(), autoscaler.close(), pools.drain()]);
  expect(web.stats()).toMatchObject({ active: 0, total: 0 });
});

it('presets are options of this pool, too', async () => {
  const pool = createHttpPool({ ...presets.highThroughput, name: 'web' });
  expect(pool.stats()).toMatchObject({ name: 'web', max: 50 });
  await pool.close();
});

it('defaults: 100 in all, 10 idle', async () => {
  await using pool = createHttpPool();
  expect(pool.stats()).toMatchObject({ max: 100, limit: 100, maxIdle: 10, min: 0 });
});

it.each<[string, HttpPoolOptions]>([
  ['httpPool.max', { max: 0 }],
  ['httpPool.maxPerOrigin', { max: 5, maxPerOrigin: 6 }],
  ['httpPool.maxIdlePerOrigin', { maxIdlePerOrigin: 11 }],
  ['httpPool.maxHeaderSize', { maxHeaderSize: -1 }],
  ['httpPool.maxResponseSize', { maxResponseSize: '5 mb' }],
  ['httpPool.maxRedirects', { maxRedirects: -1 }],
  ['httpPool.timeouts.connect', { timeouts: { connect: Infinity } }],
  ['httpPool.timeouts.reading', { timeouts: { reading: 5 } as object }],
  ['retry.maxAttempts', { retry: { maxAttempts: 0 } }],
  ['httpPool.retry.retries', { retry: { retries: 3 } as object }],
  ['httpPool.retry.statuses', { retry: { statuses: [200] } }],
  ['httpPool.guard.allowed', { guard: { allowed: [] } as object }],
  ['httpPool.lookup', { lookup: 'dns' as never }],
  ['httpPool.tls', { tls: 'none' as never }],
  ['httpPool.headers', { headers: 'x' as never }],
  ['httpPool.decompress', { decompress: 1 as never }],
  ['httpPool.connections', { connections: 5 } as object],
])('%s is refused at construction', (option, options) => {
  expect(() => createHttpPool(options)).toThrow(option);
});

it.each([
  ['client("c").baseUrl', { baseUrl: '/path' }],
  ['client("c").baseUrl', { baseUrl: 'ftp://x.test/' }],
  ['client("c").baseUrl', { baseUrl: 'http://user:hunter2@x.test/' }],
  ['client("c").baseUrl', { baseUrl: 'http://x.test/?hunter2' }],
  ['client("c").limits.max', { limits: { max: 0 } }],
  ['client("c").limits.maxQueue', { limits: { maxQueue: -1 } }],
  ['client("c").policy', { policy: {} as never }],
  ['client("c").guard', { guard: true } as never],
])('%s of a client is refused', (option, options) => {
  const pool = createHttpPool();
  expect(() => pool.client('c', options)).toThrow(option);
  expect(() => pool.client('c', options)).not.toThrow('hunter2');
});
