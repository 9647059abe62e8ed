import { ManualClock } from '@perf/core/testing';
import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { createHttpPool, type HttpPool } from '../../../src/http.ts';
import { rawResponse, startHttpServer, startTcpServer } from '../fixtures/http-server.ts';
import { WAIT } from '../fixtures/passing-time.ts';

const OK = rawResponse('200 OK', 'ok');

/** A server that holds requests until they are let go. */
async function startGate() {
  const held: (() => void)[] = [];
  const server = await startHttpServer((_request, response) => {
    held.push(() => response.end('ok'));
  });
  return {
    server,
    held,
    free: async (count: number): Promise<void> => {
      await vi.waitFor(() => {
        expect(held.length).toBeGreaterThanOrEqual(count);
      }, WAIT);
      for (const letGo of held.splice(0, count)) letGo();
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Opens so many connections at once, and gets them all back. */
async function use(
  pool: HttpPool,
  origin: string,
  count: number,
  free: (n: number) => Promise<void>,
) {
  const requests = Array.from({ length: count }, () => pool.request(origin));
  await free(count);
  for (const response of await Promise.all(requests)) await response.text();
}

describe('connections are kept', () => {
  it('the one that was used last is used first, so that the others can go', async () => {
    await using gate = await startGate();
    await using pool = createHttpPool();
    const { origin } = gate.server;
    await use(pool, origin, 3, gate.free);
    const before = gate.server.connections;
    for (let n = 0; n < 5; n++) await use(pool, origin, 1, gate.free);
    expect([before, gate.server.connections]).toEqual([3, 3]);
  });

  it('ten in all and five to an origin though nobody uses them, for 90 s; more for a second', async () => {
    const clock = new ManualClock();
    await using one = await startGate();
    await using two = await startGate();
    await using three = await startGate();
    await using pool = createHttpPool({ clock });
    for (const { server, free } of [one, two, three]) await use(pool, server.origin, 8, free);
    expect(pool.stats()).toMatchObject({ total: 24, idle: 24, active: 0 });
    clock.advance(1000);
    expect(pool.stats()).toMatchObject({ idle: 10, total: 10 });
    for (const { server } of [one, two, three]) {
      await vi.waitFor(() => {
        expect(server.sockets.size).toBeLessThanOrEqual(5);
      }, WAIT);
    }
    clock.advance(88_000);
    expect(pool.stats().idle).toBe(10);
    clock.advance(2000);
    expect(pool.stats()).toMatchObject({ idle: 0, total: 0, origins: 0 });
    await vi.waitFor(() => {
      expect(pool.stats().destroyed).toMatchObject({ surplus: 14, idle: 10 });
    }, WAIT);
  });

  it('no longer than maxLifetime, less a part by chance', async () => {
    const clock = new ManualClock();
    await using gate = await startGate();
    const options = { maxLifetime: 1000, lifetimeJitter: 0.5, random: () => 0.5 };
    await using pool = createHttpPool({ clock, ...options });
    const { origin } = gate.server;
    await use(pool, origin, 1, gate.free);
    clock.advance(749);
    await use(pool, origin, 1, gate.free);
    expect(gate.server.connections).toBe(1);
    clock.advance(1);
    await use(pool, origin, 1, gate.free);
    expect(gate.server.connections).toBe(2);
    await vi.waitFor(() => {
      expect(pool.stats().destroyed.lifetime).toBe(1);
    }, WAIT);
  });

  it('never more than max, unused ones included: one that is unused elsewhere makes room', async () => {
    await using one = await startGate();
    await using two = await startGate();
    // Time stands still: nothing goes because it has been unused for too long.
    await using pool = createHttpPool({ clock: new ManualClock(), max: 3 });
    await use(pool, one.server.origin, 3, one.free);
    await use(pool, two.server.origin, 2, two.free);
    await vi.waitFor(() => {
      expect([one.server.sockets.size, two.server.sockets.size]).toEqual([1, 2]);
    }, WAIT);
    expect(pool.stats()).toMatchObject({ total: 3, idle: 3 });
  });
});

describe('a connection that the server ends', () => {
  it('while it is unused is not used again', async () => {
    await using server = await startTcpServer((socket) => {
      socket.once('data', () => socket.write(OK));
    });
    await using pool = createHttpPool({ retry: false });
    await (await pool.request(server.origin)).text();
    for (const socket of server.sockets) socket.end();
    await vi.waitFor(() => {
      expect(pool.stats()).toMatchObject({ idle: 0, total: 0, destroyed: { lost: 1 } });
    }, WAIT);
    expect((await pool.request(server.origin)).status).toBe(200);
  });

  it.each(['end', 'resetAndDestroy'] as const)(
    'in the moment in which it is used again (%s) costs no request that may be sent twice',
    async (how) => {
      const sockets: Socket[] = [];
      await using server = await startTcpServer((socket) => {
        sockets.push(socket);
        socket.on('data', () => {
          // Every second request on a connection meets its end.
          if (socket.bytesWritten > 0) socket[how]();
          else socket.write(OK);
        });
      });
      await using pool = createHttpPool({ retry: { backoff: [0, 0, 0] } });
      for (let n = 0; n < 20; n++) {
        expect(await (await pool.request(server.origin)).text()).toBe('ok');
      }
      const { created, destroyed } = pool.stats();
      expect(created).toBe(sockets.length);
      await vi.waitFor(() => {
        expect(pool.stats().destroyed.lost).toBe(created - 1);
      }, WAIT);
      expect(destroyed.discarded).toBe(0);
    },
  );

  it('in that moment fails a request that must not be sent twice, which is then not', async () => {
    let requests = 0;
    await using server = await startTcpServer((socket) => {
      socket.on('data', () => {
        requests++;
        if (socket.bytesWritten > 0) socket.resetAndDestroy();
        else socket.write(OK);
      });
    });
    await using pool = createHttpPool();
    const post = { method: 'POST', body: 'x' };
    expect(await (await pool.request(server.origin, post)).text()).toBe('ok');
    await expect(pool.request(server.origin, post)).rejects.toMatchObject({
      kind: 'reset',
      retryable: false,
    });
    expect(requests).toBe(2);
  });

  it('as it says (connection: close), is not waited for', async () => {
    await using server = await startTcpServer((socket) => {
      socket.on('data', () => socket.end(rawResponse('200 OK', 'ok', 'connection: close')));
    });
    await using pool = createHttpPool({ maxPerOrigin: 1 });
    const all = Array.from({ length: 20 }, async () => (await pool.request(server.origin)).text());
    expect(new Set(await Promise.all(all))).toEqual(new Set(['ok']));
  });
});

it('connections are counted: those made are there, or have ended for a reason', async () => {
  await using gate = await startGate();
  const pool = createHttpPool();
  const made: string[] = [];
  pool.on('created', () => made.push('created'));
  pool.on('destroyed', ({ reason }) => made.push(reason));
  await use(pool, gate.server.origin, 2, gate.free);
  expect(pool.stats()).toMatchObject({ created: 2, total: 2, connectMs: { count: 2 } });
  await pool.close();
  expect(pool.stats()).toMatchObject({ created: 2, total: 0, destroyed: { closed: 2 } });
  expect(made).toEqual(['created', 'created', 'closed', 'closed']);
});
