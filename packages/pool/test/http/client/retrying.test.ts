import { ManualClock } from '@perf/core/testing';
import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { createHttpPool, HttpConnectionError, HttpTimeoutError } from '../../../src/http.ts';
import { startHttpServer, startTcpServer } from '../fixtures/http-server.ts';
import { passing, WAIT } from '../fixtures/passing-time.ts';

describe('what may pass is tried again', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('status %i', async (status) => {
    let requests = 0;
    await using server = await startHttpServer((_request, response) => {
      response.statusCode = ++requests < 3 ? status : 200;
      response.end('x');
    });
    await using pool = createHttpPool({ retry: { backoff: [0, 0] } });
    const response = await pool.request(server.origin);
    expect([response.status, requests]).toEqual([200, 3]);
    const { default: stats } = pool.stats().clients;
    expect(stats).toMatchObject({ requests: 1, retries: 2, responses: { '2xx': 1, '5xx': 0 } });
  });

  it('waits 100, 200, 400 and 800 ms, each between half and all of it by chance', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    for (const [random, expected] of [
      [0, [50, 100, 200, 400, 400]],
      [1 - 2 ** -53, [100, 200, 400, 800, 800]],
    ] as const) {
      const clock = new ManualClock();
      await using pool = createHttpPool({
        clock,
        random: () => random,
        retry: { maxAttempts: 6 },
      });
      const delays: number[] = [];
      pool.on('retry', ({ delay }) => delays.push(Math.round(delay)));
      expect((await passing(clock, pool, pool.request(server.origin))).status).toBe(503);
      expect(delays).toEqual(expected);
    }
  });

  it('there are three retries by default, and then the response is the caller’s, with its body', async () => {
    let requests = 0;
    await using server = await startHttpServer((_request, response) => {
      requests++;
      response.statusCode = 503;
      response.end('overloaded');
    });
    const clock = new ManualClock();
    await using pool = createHttpPool({ clock });
    const response = await passing(clock, pool, pool.request(server.origin));
    expect([response.status, await response.text(), requests]).toEqual([503, 'overloaded', 4]);
  });

  it('a connection that is reset before the response', async () => {
    let connections = 0;
    await using server = await startTcpServer((socket) => {
      socket.once('data', () => {
        if (++connections === 1) socket.resetAndDestroy();
        else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    await using pool = createHttpPool({ retry: { backoff: [0] } });
    expect(await (await pool.request(server.origin)).text()).toBe('ok');
    expect(connections).toBe(2);
  });

  it('a connection that ends before the response (EOF)', async () => {
    let connections = 0;
    await using server = await startTcpServer((socket) => {
      socket.once('data', () => {
        if (++connections === 1) socket.end();
        else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    await using pool = createHttpPool({ retry: { backoff: [0] } });
    expect((await pool.request(server.origin)).status).toBe(200);
    expect(pool.stats().clients['default']?.retries).toBe(1);
  });

  it('a body that breaks off, when it is read before the request resolves', async () => {
    let connections = 0;
    await using server = await startTcpServer((socket) => {
      socket.once('data', () => {
        const isFirst = ++connections === 1;
        socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n${isFirst ? 'par' : 'entire'}`);
      });
    });
    await using pool = createHttpPool({ retry: { backoff: [0] } });
    const response = await pool.request(server.origin, { buffered: true });
    expect(await response.text()).toBe('entire');
    expect(pool.stats().clients['default']?.retries).toBe(1);
  });

  it('a response that does not come in time', async () => {
    let requests = 0;
    await using server = await startHttpServer((_request, response) => {
      if (++requests > 1) response.end('ok');
    });
    const clock = new ManualClock();
    await using pool = createHttpPool({ clock, retry: { backoff: [0] } });
    const request = pool.request(server.origin);
    await vi.waitFor(() => {
      expect(requests).toBe(1);
    }, WAIT);
    await clock.advanceAsync(30_000);
    expect([(await request).status, requests]).toEqual([200, 2]);
  });

  it('a connection that is refused, whatever the method: the request never left', async () => {
    const server = await startHttpServer(() => undefined);
    await server.close();
    await using pool = createHttpPool({ retry: { maxAttempts: 3, backoff: [0, 0] } });
    const failed = pool.request(server.origin, { method: 'POST', body: 'x' });
    await expect(failed).rejects.toMatchObject({
      code: 'PERF_HTTP_CONNECTION',
      kind: 'connect',
      retryable: true,
    });
    expect(pool.stats().clients['default']).toMatchObject({ retries: 2, errors: { connect: 1 } });
    expect(pool.stats()).toMatchObject({ active: 0, connecting: 0, created: 0, errors: 3 });
  });
});

describe('what must not be sent twice is sent once', () => {
  it.each(['POST', 'PATCH'])('%s, after a reset and after a 503', async (method) => {
    let requests = 0;
    await using reset = await startTcpServer((socket) => {
      socket.once('data', () => {
        requests++;
        socket.resetAndDestroy();
      });
    });
    await using unavailable = await startHttpServer((_request, response) => {
      requests++;
      response.statusCode = 503;
      response.end();
    });
    await using pool = createHttpPool({ retry: { backoff: [0, 0, 0] } });
    const failed = pool.request(reset.origin, { method, body: 'x' });
    await expect(failed).rejects.toMatchObject({ kind: 'reset', retryable: false });
    expect((await pool.request(unavailable.origin, { method, body: 'x' })).status).toBe(503);
    expect(requests).toBe(2);
  });

  it('unless the caller says that it is harmless', async () => {
    let requests = 0;
    await using server = await startHttpServer((_request, response) => {
      response.statusCode = ++requests === 1 ? 503 : 200;
      response.end();
    });
    await using pool = createHttpPool({ retry: { backoff: [0] } });
    const response = await pool.request(server.origin, { json: {}, idempotent: true });
    expect(response.status).toBe(200);
  });

  it('or that it is harmful, though it is a GET', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    await using pool = createHttpPool();
    expect((await pool.request(server.origin, { idempotent: false })).status).toBe(503);
    expect(pool.stats().clients['default']?.retries).toBe(0);
  });

  it('a body that is a stream, even when it never left', async () => {
    const server = await startHttpServer(() => undefined);
    await server.close();
    await using pool = createHttpPool();
    const body = Readable.from(['x']);
    await expect(pool.request(server.origin, { method: 'PUT', body })).rejects.toMatchObject({
      retryable: false,
    });
    expect([pool.stats().clients['default']?.retries, body.destroyed]).toEqual([0, true]);
  });

  it.each([400, 401, 404, 409, 501])('status %i is no reason', async (status) => {
    await using server = await startHttpServer((_request, response) => {
      response.statusCode = status;
      response.end();
    });
    await using pool = createHttpPool();
    expect((await pool.request(server.origin)).status).toBe(status);
    expect(pool.stats().clients['default']?.retries).toBe(0);
  });

  it('with retry: false nothing is', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    await using pool = createHttpPool({ retry: false });
    expect((await pool.request(server.origin)).status).toBe(503);
    expect(pool.stats().clients['default']?.requests).toBe(1);
  });
});

describe('Retry-After', () => {
  async function delayFor(header: (clock: ManualClock) => string): Promise<number[]> {
    const clock = new ManualClock();
    let requests = 0;
    await using server = await startHttpServer((_request, response) => {
      response.statusCode = ++requests === 1 ? 503 : 200;
      if (requests === 1) response.setHeader('retry-after', header(clock));
      response.end();
    });
    await using pool = createHttpPool({ clock, random: () => 0.5 });
    const delays: number[] = [];
    pool.on('retry', ({ delay }) => delays.push(delay));
    await passing(clock, pool, pool.request(server.origin));
    return delays;
  }

  it('in seconds is the least wait', async () => {
    expect(await delayFor(() => '3')).toEqual([3000]);
  });

  it('as a date is the least wait', async () => {
    const [delay = 0] = await delayFor((clock) =>
      new Date(Math.ceil(clock.epoch() / 1000) * 1000 + 5000).toUTCString(),
    );
    expect(delay).toBeGreaterThanOrEqual(4000);
    expect(delay).toBeLessThanOrEqual(6000);
  });

  it('shorter than our own wait does not shorten it', async () => {
    expect(await delayFor(() => '0')).toEqual([75]);
  });

  it('beyond maxRetryAfter makes the response final', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end('later');
    });
    await using pool = createHttpPool();
    expect((await pool.request(server.origin)).status).toBe(429);
  });
});

it('retries of one client share a budget: they cannot multiply the load', async () => {
  let requests = 0;
  await using server = await startHttpServer((_request, response) => {
    requests++;
    response.statusCode = 503;
    response.end();
  });
  // Time stands still, so that the budget is not filled up again.
  const clock = new ManualClock();
  await using pool = createHttpPool({ clock, maxPerOrigin: 50, retry: { backoff: [0, 0, 0] } });
  await Promise.all(Array.from({ length: 500 }, () => pool.request(server.origin)));
  // By default a fifth of the requests, and a hundred in ten seconds in any case.
  expect(requests).toBeGreaterThan(500);
  expect(requests).toBeLessThanOrEqual(500 + 100 + 100 + 20);
});

it('no connection is held while a retry waits', async () => {
  let requests = 0;
  await using server = await startHttpServer((_request, response) => {
    response.statusCode = ++requests === 1 ? 503 : 200;
    response.end(Buffer.alloc(300_000));
  });
  const clock = new ManualClock();
  await using pool = createHttpPool({ clock });
  const request = pool.request(server.origin);
  await vi.waitFor(() => {
    expect(pool.stats().clients['default']?.retries).toBe(1);
  }, WAIT);
  expect(pool.stats()).toMatchObject({ active: 0, acquired: 1, released: 1 });
  (await passing(clock, pool, request)).discard();
});

it('an abort ends the wait between two tries with its reason', async () => {
  await using server = await startHttpServer((_request, response) => {
    response.writeHead(503, { 'retry-after': '30' }).end();
  });
  await using pool = createHttpPool();
  const controller = new AbortController();
  const request = pool.request(server.origin, { signal: controller.signal });
  await vi.waitFor(() => {
    expect(pool.stats().clients['default']?.retries).toBe(1);
  }, WAIT);
  controller.abort(new Error('enough'));
  await expect(request).rejects.toThrow('enough');
  expect(pool.stats().clients['default']?.errors.aborted).toBe(1);
});

it('a drain ends the wait between two tries', async () => {
  await using server = await startHttpServer((_request, response) => {
    response.writeHead(503, { 'retry-after': '30' }).end();
  });
  const pool = createHttpPool();
  const request = pool.request(server.origin);
  request.catch(() => undefined);
  await vi.waitFor(() => {
    expect(pool.stats().clients['default']?.retries).toBe(1);
  }, WAIT);
  await pool.drain();
  await expect(request).rejects.toMatchObject({ code: 'PERF_POOL_CLOSED' });
});

it('no try begins after the deadline of the whole request: the last outcome is the call’s', async () => {
  await using server = await startHttpServer((_request, response) => {
    response.writeHead(503, { 'retry-after': '30' }).end();
  });
  await using pool = createHttpPool({ timeouts: { request: '20s' } });
  expect((await pool.request(server.origin)).status).toBe(503);
});

it('errors tell whether trying again makes sense', async () => {
  let requests = 0;
  await using server = await startHttpServer(() => {
    requests++;
  });
  const clock = new ManualClock();
  await using pool = createHttpPool({ clock, retry: false });
  const get = pool.request(server.origin).catch((error: unknown) => error);
  const post = pool.request(server.origin, { method: 'POST' }).catch((error: unknown) => error);
  await vi.waitFor(() => {
    expect(requests).toBe(2);
  }, WAIT);
  await clock.advanceAsync(30_000);
  const errors = await Promise.all([get, post]);
  expect(errors.map((error) => error instanceof HttpTimeoutError && error.retryable)).toEqual([
    true,
    false,
  ]);
  expect(errors[0]).not.toBeInstanceOf(HttpConnectionError);
});
