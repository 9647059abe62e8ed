import { ManualClock } from '@perf/core/testing';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { createHttpPool, HttpTimeoutError, type HttpPhase } from '../../../src/http.ts';
import { startHttpServer, startTcpServer } from '../fixtures/http-server.ts';
import { WAIT } from '../fixtures/passing-time.ts';
import { startTlsServer, TEST_CA } from '../fixtures/tls-server.ts';

function isTimeout(phase: HttpPhase, timeout: number): unknown {
  return expect.toSatisfy(
    (error) =>
      error instanceof HttpTimeoutError && error.phase === phase && error.timeout === timeout,
  );
}

function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}

describe('each part of a request has its time', () => {
  it('a name that does not resolve: 30 s by default', async () => {
    const clock = new ManualClock();
    let lookups = 0;
    await using pool = createHttpPool({
      clock,
      retry: false,
      lookup: () => {
        lookups++;
      },
    });
    const error = settled(pool.request('http://stalled.test/'));
    await vi.waitFor(() => {
      expect(lookups).toBe(1);
    }, WAIT);
    expect(pool.stats()).toMatchObject({ active: 1, connecting: 1 });
    await clock.advanceAsync(29_999);
    expect(pool.stats().active).toBe(1);
    await clock.advanceAsync(1);
    expect(await error).toEqual(isTimeout('connect', 30_000));
    await vi.waitFor(() => {
      expect(pool.stats()).toMatchObject({ active: 0, connecting: 0, total: 0 });
    }, WAIT);
  });

  it('a TLS handshake that does not go on: 10 s by default, apart from connecting', async () => {
    const clock = new ManualClock();
    let greetings = 0;
    await using server = await startTcpServer((socket) => {
      socket.once('data', () => greetings++);
    });
    await using pool = createHttpPool({ clock, retry: false });
    const error = settled(pool.request(server.origin.replace('http:', 'https:')));
    await vi.waitFor(() => {
      expect(greetings).toBe(1);
    }, WAIT);
    await clock.advanceAsync(10_000);
    expect(await error).toEqual(isTimeout('tls', 10_000));
    await vi.waitFor(() => {
      expect([server.sockets.size, pool.stats().connecting]).toEqual([0, 0]);
    }, WAIT);
  });

  it('headers that do not come: 30 s by default, and the connection is ended', async () => {
    const clock = new ManualClock();
    let requests = 0;
    await using server = await startHttpServer(() => {
      requests++;
    });
    await using pool = createHttpPool({ clock, retry: false });
    const error = settled(pool.request(server.origin));
    await vi.waitFor(() => {
      expect(requests).toBe(1);
    }, WAIT);
    await clock.advanceAsync(30_000);
    expect(await error).toEqual(isTimeout('headers', 30_000));
    await vi.waitFor(() => {
      expect(server.sockets.size).toBe(0);
    }, WAIT);
    expect(pool.stats().destroyed.discarded).toBe(1);
  });

  it('interim responses are no response', async () => {
    const clock = new ManualClock();
    let requests = 0;
    await using server = await startHttpServer((_request, response) => {
      requests++;
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    });
    await using pool = createHttpPool({ clock, retry: false });
    const error = settled(pool.request(server.origin));
    await vi.waitFor(() => {
      expect(requests).toBe(1);
    }, WAIT);
    await clock.advanceAsync(30_000);
    expect(await error).toEqual(isTimeout('headers', 30_000));
  });

  it('a body that is sent for longer than that: as long as it goes on', async () => {
    const clock = new ManualClock();
    let received = 0;
    await using server = await startHttpServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      request.on('end', () => response.end('ok'));
    });
    await using pool = createHttpPool({ clock, retry: false });
    const body = new PassThrough();
    const request = pool.request(server.origin, { body });
    for (let n = 1; n <= 3; n++) {
      body.write('piece');
      await vi.waitFor(() => {
        expect(received).toBe(5 * n);
      }, WAIT);
      await clock.advanceAsync(29_000);
    }
    body.end();
    expect(await (await request).text()).toBe('ok');
    const stalled = new PassThrough();
    stalled.write('piece');
    const error = settled(pool.request(server.origin, { body: stalled }));
    await vi.waitFor(() => {
      expect(received).toBe(20);
    }, WAIT);
    await clock.advanceAsync(60_000);
    expect(await error).toEqual(isTimeout('headers', 30_000));
    expect(stalled.destroyed).toBe(true);
  });

  it('a body that stalls: 30 s after its last piece', async () => {
    const clock = new ManualClock();
    let more: (() => void) | undefined;
    await using server = await startHttpServer((_request, response) => {
      response.write('one');
      more = () => response.write('two');
    });
    await using pool = createHttpPool({ clock, retry: false });
    const response = await pool.request(server.origin);
    const stream = response.stream();
    const pieces = stream[Symbol.asyncIterator]();
    expect(String((await pieces.next()).value)).toBe('one');
    await clock.advanceAsync(29_999);
    more?.();
    expect(String((await pieces.next()).value)).toBe('two');
    await clock.advanceAsync(29_999);
    expect(stream.destroyed).toBe(false);
    await clock.advanceAsync(1);
    await expect(pieces.next()).rejects.toEqual(isTimeout('body', 30_000));
    expect(pool.stats().clients['default']?.bodyErrors.timeout).toBe(1);
    expect(pool.stats()).toMatchObject({ active: 0, abandoned: 0 });
  });

  it('a large body that nobody reads: its connection is given up after 30 s, with an event', async () => {
    const clock = new ManualClock();
    await using server = await startHttpServer((_request, response) => {
      response.end(Buffer.alloc(4_000_000));
    });
    await using pool = createHttpPool({ clock });
    const abandoned: unknown[] = [];
    pool.on('abandoned', (event) => abandoned.push(event));
    const response = await pool.request(server.origin);
    expect(pool.stats().active).toBe(1);
    await clock.advanceAsync(60_000);
    expect(pool.stats()).toMatchObject({ active: 0, abandoned: 1 });
    expect(abandoned).toEqual([
      { pool: 'httpPool', client: 'default', method: 'GET', origin: server.origin },
    ]);
    await expect(response.bytes()).rejects.toEqual(isTimeout('body', 30_000));
  });

  it('all of it: two minutes by default, the wait for the turn included', async () => {
    const clock = new ManualClock();
    let requests = 0;
    await using server = await startHttpServer(() => {
      requests++;
    });
    await using pool = createHttpPool({ clock, max: 1, timeouts: { headers: Infinity } });
    const first = settled(pool.request(server.origin));
    await vi.waitFor(() => {
      expect(requests).toBe(1);
    }, WAIT);
    await clock.advanceAsync(100_000);
    const second = settled(
      pool.request(server.origin, { timeouts: { request: 25_000, headers: 1000 } }),
    );
    await clock.advanceAsync(20_000);
    expect(await first).toEqual(isTimeout('request', 120_000));
    await vi.waitFor(() => {
      expect(requests).toBe(2);
    }, WAIT);
    await clock.advanceAsync(1000);
    // 20 s of its 25 are over: a further try begins, and that one ends with all of it.
    await vi.waitFor(async () => {
      await clock.advanceAsync(100);
      expect(requests).toBeGreaterThan(2);
    }, WAIT);
    await clock.advanceAsync(4000);
    expect(await second).toBeInstanceOf(HttpTimeoutError);
  });

  it('a request’s own times win over those of its client, and those over the pool’s', async () => {
    const clock = new ManualClock();
    let requests = 0;
    await using server = await startHttpServer(() => {
      requests++;
    });
    await using pool = createHttpPool({ clock, retry: false, timeouts: { headers: '20s' } });
    const client = pool.client('quick', { timeouts: { headers: '5s' } });
    const errors = Promise.all([
      settled(pool.request(server.origin)),
      settled(client.request(server.origin)),
      settled(client.request(server.origin, { timeouts: { headers: '1s' } })),
    ]);
    await vi.waitFor(() => {
      expect(requests).toBe(3);
    }, WAIT);
    await clock.advanceAsync(20_000);
    expect((await errors).map((error) => (error as HttpTimeoutError).timeout)).toEqual([
      20_000, 5000, 1000,
    ]);
  });
});

describe('an abort ends a request wherever it is, with its reason', () => {
  const reason = new Error('enough');

  it('before it begins', async () => {
    await using pool = createHttpPool();
    const signal = AbortSignal.abort(reason);
    await expect(pool.request('http://127.0.0.1:9/', { signal })).rejects.toBe(reason);
    expect(pool.stats()).toMatchObject({ acquired: 0, created: 0 });
    expect(pool.stats().clients['default']?.errors.aborted).toBe(1);
  });

  it('while it waits for its turn', async () => {
    await using server = await startHttpServer(() => undefined);
    await using pool = createHttpPool({ max: 1 });
    const first = new AbortController();
    const second = new AbortController();
    const errors = Promise.all([
      settled(pool.request(server.origin, { signal: first.signal })),
      settled(pool.request(server.origin, { signal: second.signal })),
    ]);
    await vi.waitFor(() => {
      expect(pool.stats()).toMatchObject({ active: 1, waiting: 1 });
    }, WAIT);
    second.abort(reason);
    await vi.waitFor(() => {
      expect(pool.stats()).toMatchObject({ active: 1, waiting: 0, aborted: 1 });
    }, WAIT);
    first.abort(reason);
    expect(await errors).toEqual([reason, reason]);
    expect(pool.stats()).toMatchObject({ active: 0, acquired: 1, released: 1 });
  });

  it('while the name is resolved, and while it connects', async () => {
    const controller = new AbortController();
    let lookups = 0;
    await using pool = createHttpPool({
      lookup: () => {
        lookups++;
      },
    });
    const error = settled(pool.request('http://stalled.test/', { signal: controller.signal }));
    await vi.waitFor(() => {
      expect(lookups).toBe(1);
    }, WAIT);
    controller.abort(reason);
    expect(await error).toBe(reason);
    await pool.drain();
    expect(pool.stats()).toMatchObject({ active: 0, connecting: 0, errors: 0 });
  });

  it('in the TLS handshake', async () => {
    const controller = new AbortController();
    let greetings = 0;
    await using server = await startTcpServer((socket) => {
      socket.once('data', () => greetings++);
    });
    await using pool = createHttpPool();
    const url = server.origin.replace('http:', 'https:');
    const error = settled(pool.request(url, { signal: controller.signal }));
    await vi.waitFor(() => {
      expect(greetings).toBe(1);
    }, WAIT);
    controller.abort(reason);
    expect(await error).toBe(reason);
    await vi.waitFor(() => {
      expect(server.sockets.size).toBe(0);
    }, WAIT);
  });

  it('while it waits for the headers', async () => {
    const controller = new AbortController();
    let requests = 0;
    await using server = await startHttpServer(() => {
      requests++;
    });
    await using pool = createHttpPool();
    const error = settled(pool.request(server.origin, { signal: controller.signal }));
    await vi.waitFor(() => {
      expect(requests).toBe(1);
    }, WAIT);
    controller.abort(reason);
    expect(await error).toBe(reason);
    await vi.waitFor(() => {
      expect(server.sockets.size).toBe(0);
    }, WAIT);
  });

  it('while its body is being sent', async () => {
    const controller = new AbortController();
    let received = 0;
    await using server = await startHttpServer((request) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
    });
    await using pool = createHttpPool();
    let isEnded = false;
    async function* body(): AsyncGenerator<string, void, undefined> {
      try {
        yield 'first';
        await new Promise((resolve) => {
          controller.signal.addEventListener('abort', resolve);
        });
        yield 'never';
      } finally {
        isEnded = true;
      }
    }
    const error = settled(pool.request(server.origin, { body: body(), signal: controller.signal }));
    await vi.waitFor(() => {
      expect(received).toBe(5);
    }, WAIT);
    controller.abort(reason);
    expect(await error).toBe(reason);
    await vi.waitFor(() => {
      expect([isEnded, server.sockets.size]).toEqual([true, 0]);
    }, WAIT);
  });

  it('while its body is read', async () => {
    const controller = new AbortController();
    await using server = await startHttpServer((_request, response) => {
      response.write('some');
    });
    await using pool = createHttpPool();
    const response = await pool.request(server.origin, { signal: controller.signal });
    const text = settled(response.text());
    controller.abort(reason);
    expect(await text).toBe(reason);
    expect(pool.stats().clients['default']).toMatchObject({
      responses: { '2xx': 1 },
      bodyErrors: { aborted: 1 },
    });
    expect(pool.stats().active).toBe(0);
  });

  it('and leaves no listener on the signal, however it ended', async () => {
    await using server = await startHttpServer((request, response) => {
      if (request.url === '/reset') request.socket.resetAndDestroy();
      else response.end('ok');
    });
    await using pool = createHttpPool({ retry: { backoff: [0, 0, 0] } });
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await (await pool.request(server.origin, { signal })).text();
    await settled(pool.request(`${server.origin}/reset`, { signal }));
    expect(added.mock.calls.length).toBeGreaterThan(0);
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(added.mock.calls.length);
  });
});

it('TLS works, and certificates are checked', async () => {
  await using server = await startTlsServer((_request, response) => {
    response.end('secret');
  });
  await using pool = createHttpPool({ tls: { ca: TEST_CA } });
  const response = await pool.request(server.origin);
  expect(await response.text()).toBe('secret');
  await using distrustful = createHttpPool();
  await expect(distrustful.request(server.origin)).rejects.toMatchObject({
    kind: 'tls',
    retryable: false,
  });
  expect(distrustful.stats().clients['default']?.retries).toBe(0);
});

it('TLS options that make no sense are the request’s failure', async () => {
  await using server = await startTlsServer(() => undefined);
  await using pool = createHttpPool({
    tls: { ca: TEST_CA, cert: 'no certificate', key: 'no key' },
  });
  await expect(pool.request(server.origin)).rejects.toMatchObject({ kind: 'tls' });
  expect(pool.stats()).toMatchObject({ active: 0, connecting: 0, total: 0 });
});

it('a server that closes in the handshake is asked again', async () => {
  let connections = 0;
  await using server = await startTcpServer((socket) => {
    connections++;
    socket.once('data', () => socket.end());
  });
  await using pool = createHttpPool({ retry: { maxAttempts: 3, backoff: [0, 0] } });
  const request = pool.request(server.origin.replace('http:', 'https:'), { method: 'POST' });
  await expect(request).rejects.toMatchObject({ kind: 'tls', retryable: true });
  expect(connections).toBe(3);
});
