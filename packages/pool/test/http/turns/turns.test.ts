import { seededRandom, type PerfError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  PoolAcquireTimeoutError,
  PoolClosedError,
  PoolQueueFullError,
} from '../../../src/index.ts';
import { createHttpPool, type HttpPool } from '../../../src/http.ts';
import { startHttpServer } from '../fixtures/http-server.ts';
import { WAIT } from '../fixtures/passing-time.ts';

/** A server that notes how many requests it has at once, and in which order they come; each is held until it is let go. */
async function startCounting() {
  const held: (() => void)[] = [];
  const paths: string[] = [];
  let current = 0;
  let most = 0;
  const server = await startHttpServer((request, response) => {
    most = Math.max(most, ++current);
    paths.push(request.url ?? '');
    held.push(() => {
      current--;
      response.end('ok');
    });
  });
  return {
    origin: server.origin,
    paths,
    held,
    get most() {
      return most;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function reaches(pool: HttpPool, active: number, waiting: number): Promise<void> {
  await vi.waitFor(() => {
    expect(pool.stats()).toMatchObject({ active, waiting });
  }, WAIT);
}

async function arrived(held: readonly unknown[], count: number): Promise<void> {
  await vi.waitFor(() => {
    expect(held.length).toBe(count);
  }, WAIT);
}

describe('limits hold', () => {
  it('of an origin, of all, and of a client', async () => {
    await using one = await startCounting();
    await using two = await startCounting();
    await using pool = createHttpPool({ max: 5, maxPerOrigin: 3 });
    const small = pool.client('small', { limits: { max: 1 } });
    const requests = [
      ...Array.from({ length: 10 }, () => pool.request(one.origin)),
      ...Array.from({ length: 10 }, () => pool.request(two.origin)),
      ...Array.from({ length: 5 }, () => small.request(two.origin)),
    ];
    await arrived(one.held, 3);
    await arrived(two.held, 2);
    expect(pool.stats()).toMatchObject({ active: 5, waiting: 20, utilization: 1 });
    expect(pool.stats().clients['small']).toMatchObject({ active: 5, waiting: 5 });
    while (pool.stats().active > 0) {
      for (const { held } of [one, two]) held.splice(0).forEach((letGo) => letGo());
      await new Promise(setImmediate);
    }
    for (const response of await Promise.all(requests)) expect(response.status).toBe(200);
    expect([one.most, two.most <= 3]).toEqual([3, true]);
    expect(pool.stats()).toMatchObject({ waiting: 0, acquired: 25, released: 25 });
  });

  it('a slow origin does not keep others from theirs, as long as its limit is below that of all', async () => {
    await using slow = await startCounting();
    await using quick = await startHttpServer((_request, response) => response.end('ok'));
    await using pool = createHttpPool({ max: 4, maxPerOrigin: 3 });
    const stuck = Array.from({ length: 100 }, () =>
      pool.request(slow.origin).catch(() => undefined),
    );
    await arrived(slow.held, 3);
    for (let n = 0; n < 10; n++) expect((await pool.request(quick.origin)).status).toBe(200);
    await pool.drain({ timeout: 0 });
    await Promise.all(stuck);
  });

  it('the driver’s own queue is never used: what it is handed it sends at once', async () => {
    await using server = await startCounting();
    await using pool = createHttpPool({ maxPerOrigin: 4 });
    const requests = Array.from({ length: 50 }, () => pool.request(server.origin));
    for (let answered = 0; answered < 50;) {
      await arrived(server.held, Math.min(4, 50 - answered));
      await reaches(pool, server.held.length, Math.max(0, 46 - answered));
      server.held.shift()?.();
      answered++;
    }
    await Promise.all(requests);
  });
});

describe('who waits', () => {
  it('goes in order of priority, and of arrival within one', async () => {
    await using server = await startCounting();
    await using pool = createHttpPool({ max: 1 });
    const send = (name: string, priority?: number) =>
      pool.request(`${server.origin}/${name}`, { priority });
    const requests = [send('first')];
    await arrived(server.held, 1);
    requests.push(send('low', 0), send('a'), send('high', 9), send('b'), send('high2', 9));
    await reaches(pool, 1, 5);
    for (let n = 1; n <= 6; n++) {
      await arrived(server.paths, n);
      server.held.shift()?.();
    }
    await Promise.all(requests);
    expect(server.paths).toEqual(['/first', '/high', '/high2', '/a', '/b', '/low']);
  });

  it('waits no longer than acquireTimeout, and is told where the pool stands', async () => {
    const clock = new ManualClock();
    await using server = await startCounting();
    await using pool = createHttpPool({ clock, max: 1, name: 'web', acquireTimeout: '3s' });
    const first = pool.request(server.origin);
    await arrived(server.held, 1);
    const late = pool.request(server.origin).catch((error: unknown) => error);
    await reaches(pool, 1, 1);
    await clock.advanceAsync(3000);
    const error = await late;
    expect(error).toBeInstanceOf(PoolAcquireTimeoutError);
    expect(error).toMatchObject({ pool: expect.stringMatching(/^web/), waited: 3000 });
    expect(pool.stats()).toMatchObject({ timeouts: 1, waiting: 0 });
    expect(pool.stats().clients['default']?.errors.pool).toBe(1);
    server.held[0]?.();
    await first;
  });

  it('waits in a bounded queue, of all and of its client', async () => {
    await using server = await startCounting();
    await using pool = createHttpPool({ max: 1, maxQueue: 3 });
    const client = pool.client('modest', { limits: { maxQueue: 1 } });
    const waiting = [pool.request(server.origin)];
    await arrived(server.held, 1);
    waiting.push(client.request(server.origin));
    await expect(client.request(server.origin)).rejects.toBeInstanceOf(PoolQueueFullError);
    waiting.push(pool.request(server.origin), pool.request(server.origin));
    const full = pool.request(server.origin);
    await expect(full).rejects.toMatchObject({ maxQueue: 3, situation: { waiting: 3 } });
    expect(pool.stats()).toMatchObject({ rejected: 2, waiting: 3 });
    for (let n = 1; n <= 4; n++) {
      await arrived(server.paths, n);
      server.held.shift()?.();
    }
    await Promise.all(waiting);
  });

  it('is sent away by a drain, while what is under way comes to its end', async () => {
    await using server = await startCounting();
    const pool = createHttpPool({ max: 1 });
    const first = pool.request(server.origin);
    await arrived(server.held, 1);
    const second = pool.request(server.origin);
    second.catch(() => undefined);
    await reaches(pool, 1, 1);
    const drained = pool.drain();
    await expect(second).rejects.toBeInstanceOf(PoolClosedError);
    await expect(pool.request(server.origin)).rejects.toBeInstanceOf(PoolClosedError);
    server.held[0]?.();
    expect(await (await first).text()).toBe('ok');
    await drained;
    expect(pool.stats()).toMatchObject({ active: 0, waiting: 0, connecting: 0, total: 0 });
  });
});

it('of 500 callers on three connections, each with a priority, a deadline or second thoughts, none is lost', async () => {
  const clock = new ManualClock();
  await using server = await startHttpServer((_request, response) => response.end('ok'));
  await using pool = createHttpPool({ clock, max: 3, maxQueue: 400 });
  // The driver is there from now on: all begin in the same turn of the loop.
  await (await pool.request(server.origin)).text();
  const random = seededRandom(7);
  const ends = Array.from({ length: 500 }, async (_, n) => {
    const controller = new AbortController();
    if (n % 7 === 0) setImmediate(() => controller.abort(new Error('second thoughts')));
    const timeouts = { request: n % 5 === 0 ? 1000 : 60_000 };
    const { signal } = controller;
    const priority = Math.floor(random() * 10);
    const response = await pool.request(server.origin, { signal, priority, timeouts });
    return response.text();
  });
  const settled = Promise.allSettled(ends);
  await vi.waitFor(() => {
    expect(pool.stats().clients['default']?.responses['2xx']).toBeGreaterThan(5);
  }, WAIT);
  await clock.advanceAsync(1000);
  const outcomes = new Map<string, number>();
  for (const end of await settled) {
    const what =
      end.status === 'fulfilled' ? end.value : ((end.reason as PerfError).code ?? 'abort');
    outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  }
  const known = new Set([
    'ok',
    'abort',
    'PERF_POOL_QUEUE_FULL',
    'PERF_POOL_ACQUIRE_TIMEOUT',
    'PERF_HTTP_TIMEOUT',
  ]);
  expect([...outcomes.keys()].filter((what) => !known.has(what))).toEqual([]);
  // Three at once are sent, four hundred may wait.
  expect(outcomes.get('PERF_POOL_QUEUE_FULL')).toBe(97);
  expect(pool.stats()).toMatchObject({ active: 0, waiting: 0, connecting: 0 });
  expect(pool.stats().acquired).toBe(pool.stats().released);
});
