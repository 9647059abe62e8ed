import { ClosedError, createDeferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { startProxy, startRedis, type RedisServer } from '@perf/test-servers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Decision } from '../../src/index.ts';
import type {
  LimiterModeEvent,
  LimiterUnavailableError,
  RedisRateLimiter,
} from '../../src/redis.ts';
import { DRIVERS, freshPrefix, noRedis, useLimiters } from '../fixtures/redis.ts';

/** How long a Redis that is silent is waited for, where that is what a test is about. */
const SOON = '1s';

const MODES = ['strict', 'lease'] as const;

/** So many decisions at once, none of which waits for room. */
function burst(limiter: RedisRateLimiter, count: number): Promise<Decision[]> {
  return Promise.all(Array.from({ length: count }, () => limiter.take('k', { timeout: 0 })));
}

function admittedOf(decisions: readonly Decision[]): number {
  return decisions.filter(({ admitted }) => admitted).length;
}

function follow(limiter: RedisRateLimiter): LimiterModeEvent[] {
  const told: LimiterModeEvent[] = [];
  limiter.on('mode', (event) => told.push(event));
  return told;
}

async function untilRedisDecides(limiter: RedisRateLimiter): Promise<void> {
  await vi.waitFor(
    async () => {
      await limiter.take('probe', { timeout: 0 });
      expect(limiter.snapshot().mode).toBe('redis');
    },
    { timeout: 20_000, interval: 20 },
  );
}

describe.skipIf(noRedis)('a limiter whose Redis is in trouble', () => {
  const open = useLimiters();
  const stopping: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(stopping.splice(0).map((stop) => stop()));
  });
  async function start(config = {}): Promise<RedisServer> {
    const server = await startRedis({ config });
    stopping.push(() => server.stop());
    return server;
  }
  /** A way to the server that faults can be put on. */
  async function through(server: RedisServer, settings = {}) {
    const proxy = await startProxy({ target: server });
    stopping.push(() => proxy.close());
    const { host, port } = proxy;
    return { proxy, client: open.client({ host, port, password: server.password }, settings) };
  }

  /** A client that has its connection, so that only answers are waited for. */
  async function connected(server: RedisServer) {
    const client = open.client(server);
    await client.call('ping');
    return client;
  }

  describe.each(MODES)('with mode %s', (mode) => {
    it.each(DRIVERS)(
      'is decided by failMode while Redis is not there ($version)',
      async (driver) => {
        const server = await start();
        await server.kill();
        const client = open.client(server, {}, driver);
        for (const [failMode, admitted] of [
          ['local', 5],
          ['open', 20],
          ['closed', 0],
        ] as const) {
          const limiter = open.limiter(client, { mode, failMode, rate: 0.01, deadline: SOON });
          const told = follow(limiter);
          const decisions = await burst(limiter, 20);
          expect(admittedOf(decisions)).toBe(admitted);
          expect(told).toMatchObject([{ limiter: 'redis', mode: failMode }]);
          expect(told[0]?.error).toBeInstanceOf(Error);
          expect(limiter.snapshot()).toMatchObject({ mode: failMode, steps: 0, withoutRedis: 20 });
          if (failMode === 'closed') expect(decisions[0]?.retryAfter).toBe(500);
        }
      },
    );

    it('answers while Redis is frozen, asks it no more, and notices when it is back', async () => {
      const server = await start();
      const limiter = open.limiter(await connected(server), {
        mode,
        failMode: 'closed',
        burst: 1000,
        rate: 1000,
        deadline: SOON,
      });
      const told = follow(limiter);
      expect(admittedOf(await burst(limiter, 10))).toBe(10);
      await server.freeze();
      // Leases may last for a moment.
      await vi.waitFor(
        async () => {
          expect(admittedOf(await burst(limiter, 200))).toBe(0);
        },
        { timeout: 10_000 },
      );
      const { steps } = limiter.snapshot();
      expect(admittedOf(await burst(limiter, 5000))).toBe(0);
      expect(limiter.snapshot()).toMatchObject({ mode: 'closed', steps });
      expect(told).toMatchObject([{ mode: 'closed', error: { code: 'PERF_TIMEOUT' } }]);
      await server.thaw();
      await untilRedisDecides(limiter);
      expect(admittedOf(await burst(limiter, 10))).toBe(10);
      expect(told.map(({ mode: to }) => to)).toEqual(['closed', 'redis']);
      expect(told[1]).not.toHaveProperty('error');
    });

    it('answers while Redis is killed under load, and lets it decide again after a restart', async () => {
      const server = await start();
      const limiter = open.limiter(await connected(server), {
        mode,
        failMode: 'open',
        rate: 100,
        deadline: SOON,
      });
      const told = follow(limiter);
      const stop = new AbortController();
      let decisions = 0;
      const load = (async () => {
        while (!stop.signal.aborted) {
          decisions += (await burst(limiter, 10)).length;
          await new Promise(setImmediate);
        }
      })();
      try {
        await vi.waitFor(
          () => {
            expect(decisions).toBeGreaterThan(100);
          },
          { timeout: 10_000 },
        );
        await server.kill();
        await vi.waitFor(
          () => {
            expect(limiter.snapshot().mode).toBe('open');
          },
          { timeout: 10_000 },
        );
        const before = decisions;
        await vi.waitFor(
          () => {
            expect(decisions).toBeGreaterThan(before + 1000);
          },
          { timeout: 10_000 },
        );
        await server.restart();
        await vi.waitFor(
          () => {
            expect(limiter.snapshot().mode).toBe('redis');
          },
          { timeout: 20_000 },
        );
      } finally {
        stop.abort();
        await load;
      }
      expect(told.at(0)?.mode).toBe('open');
      expect(told.at(-1)?.mode).toBe('redis');
    });

    it('gives back what was admitted after its caller had gone', async () => {
      const server = await start();
      const { proxy, client } = await through(server);
      const limiter = open.limiter(client, { mode, rate: 0.01 });
      await limiter.check('k');
      proxy.hold('toClient');
      const abort = new AbortController();
      const take = limiter.take('k', { cost: 4, signal: abort.signal });
      abort.abort(new Error('enough'));
      await expect(take).rejects.toThrow('enough');
      proxy.release('toClient');
      await vi.waitFor(
        async () => {
          expect((await limiter.check('k')).remaining).toBe(5);
        },
        { timeout: 10_000 },
      );
      expect(limiter.snapshot().aborted).toBe(1);
    });

    it('is up again with an answer that comes after its deadline', async () => {
      const server = await start();
      const { proxy, client } = await through(server);
      const limiter = open.limiter(client, { mode, failMode: 'closed', deadline: SOON });
      const told = follow(limiter);
      await limiter.check('k');
      proxy.hold('toClient');
      expect((await limiter.take('k', { timeout: 0 })).admitted).toBe(false);
      expect(limiter.snapshot().mode).toBe('closed');
      proxy.release('toClient');
      await vi.waitFor(
        () => {
          expect(limiter.snapshot().mode).toBe('redis');
        },
        { timeout: 10_000 },
      );
      expect(told.map(({ mode: to }) => to)).toEqual(['closed', 'redis']);
    });
  });

  it('answers all who wait once one of them was not answered in time, and asks no more meanwhile', async () => {
    const server = await start();
    const { proxy, client } = await through(server);
    const clock = new ManualClock();
    const limiter = open.limiter(client, { failMode: 'closed', deadline: 50, clock });
    await limiter.check('k');
    proxy.hold('toClient');
    const first = limiter.take('k', { timeout: 0 });
    clock.advance(30);
    const second = limiter.take('k', { timeout: 0 });
    clock.advance(20);
    expect(admittedOf(await Promise.all([first, second]))).toBe(0);
    const { steps } = limiter.snapshot();
    for (let interval = 0; interval < 5; interval++) {
      clock.advance(1000);
      expect(admittedOf(await burst(limiter, 10))).toBe(0);
    }
    expect(limiter.snapshot()).toMatchObject({ mode: 'closed', steps });
  });

  it('pays nobody with what is kept for one whose refill is on its way', async () => {
    const server = await start();
    const { proxy, client } = await through(server);
    const limiter = open.limiter(client, {
      mode: 'lease',
      rate: 100_000,
      per: '60d',
      burst: 20,
      leaseInterval: '10h',
      clock: new ManualClock(),
    });
    // Asks for 1, 2 and 4, so that 2 are held of the 7 that were taken.
    for (let times = 0; times < 5; times++) await limiter.take('k', { timeout: 0 });
    proxy.hold('toClient');
    const order: number[] = [];
    const take = (cost: number) =>
      limiter.take('k', { cost, timeout: 0 }).then(({ admitted }) => {
        if (admitted) order.push(cost);
      });
    const large = take(12);
    await settle();
    const small = [take(1), take(1)];
    await settle();
    expect(order).toEqual([]);
    proxy.release('toClient');
    await Promise.all([large, ...small]);
    expect(order).toEqual([12, 1, 1]);
    for (let times = 0; times < 10; times++) await take(1);
    expect(5 + order.reduce((sum, cost) => sum + cost, 0)).toBe(20);
  });

  it('keeps nobody waiting on a connection that is black-holed, whatever the client would do', async () => {
    const server = await start();
    const endless = { maxRetriesPerRequest: null, enableOfflineQueue: true };
    const { proxy, client } = await through(server, endless);
    const limiter = open.limiter(client, { failMode: 'local', rate: 0.01, deadline: SOON });
    await limiter.check('k');
    proxy.blackHole();
    expect(admittedOf(await burst(limiter, 100))).toBe(5);
    await proxy.cut({ refuse: true });
    expect(admittedOf(await burst(limiter, 100))).toBe(0);
    expect(limiter.snapshot().steps).toBeLessThan(110);
  });

  it('knows its limits after a restart that kept the data, and has forgotten them after one that did not', async () => {
    const server = await start({ appendfsync: 'always' });
    const limiter = open.limiter(open.client(server), { rate: 0.001, retryInterval: 20 });
    expect(admittedOf(await burst(limiter, 10))).toBe(5);
    await server.restart();
    await untilRedisDecides(limiter);
    expect((await limiter.check('k')).remaining).toBe(0);
    await server.restart({ keepData: false });
    await untilRedisDecides(limiter);
    expect((await limiter.check('k')).remaining).toBe(5);
  });

  it('admits only its share by itself', async () => {
    const server = await start();
    await server.kill();
    const limiter = open.limiter(open.client(server), {
      rate: 0.01,
      burst: 20,
      localShare: 0.25,
      deadline: SOON,
    });
    expect(admittedOf(await burst(limiter, 40))).toBe(5);
    // Redis may have what the share never has.
    const { admitted, retryAfter, limit } = await limiter.take('other', { cost: 10, timeout: 0 });
    expect([admitted, retryAfter, limit]).toEqual([false, 500, 20]);
  });

  it('counts what Redis admitted against what it may admit by itself', async () => {
    const server = await start();
    const limiter = open.limiter(await connected(server), { rate: 0.01, deadline: SOON });
    expect(admittedOf(await burst(limiter, 4))).toBe(4);
    expect(limiter.snapshot().withoutRedis).toBe(0);
    await server.kill();
    expect(admittedOf(await burst(limiter, 20))).toBe(1);
  });

  it('rejects what would be remembered nowhere', async () => {
    const server = await start();
    const limiter = open.limiter(await connected(server), { deadline: SOON });
    await limiter.check('k');
    await server.kill();
    await limiter.take('k');
    const unavailable = expect.objectContaining<Partial<LimiterUnavailableError>>({
      code: 'PERF_LIMITER_UNAVAILABLE',
      limiter: 'redis',
    }) as Error;
    await expect(limiter.block('k', '1m')).rejects.toEqual(unavailable);
    await expect(limiter.penalize('k', 1)).rejects.toEqual(unavailable);
    await expect(limiter.reward('k', 1)).rejects.toEqual(unavailable);
    await expect(limiter.reset('k')).rejects.toEqual(unavailable);
  });

  it('tells of a key that holds something else, and goes on with the others', async () => {
    const server = await start();
    const prefix = freshPrefix();
    await server.command('LPUSH', `${prefix}:taken`, 'a list');
    const limiter = open.limiter(open.client(server), { prefix, failMode: 'closed' });
    const trouble: unknown[] = [];
    limiter.on('trouble', (event) => trouble.push(event));
    expect((await limiter.take('taken', { timeout: 0 })).admitted).toBe(false);
    expect((await limiter.take('k', { timeout: 0 })).admitted).toBe(true);
    expect(limiter.snapshot().mode).toBe('redis');
    expect(trouble).toHaveLength(1);
    expect(trouble).not.toHaveProperty('[0].error.command');
    expect(await server.command('TYPE', `${prefix}:taken`)).toBe('list');
  });

  it('is decided by failMode while Redis refuses to write', async () => {
    const server = await start();
    const limiter = open.limiter(open.client(server), { failMode: 'open', retryInterval: 20 });
    const told = follow(limiter);
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(admittedOf(await burst(limiter, 20))).toBe(20);
    expect(told).toMatchObject([{ mode: 'open', error: { name: 'ReplyError' } }]);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    await untilRedisDecides(limiter);
  });

  it('runs its script on a server that has forgotten it', async () => {
    const server = await start();
    const limiter = open.limiter(open.client(server), { rate: 0.01 });
    await limiter.take('k');
    await server.command('SCRIPT', 'FLUSH');
    expect((await limiter.take('k')).remaining).toBe(3);
    expect(limiter.snapshot().withoutRedis).toBe(0);
  });

  it('waits for room as long as it may though Redis goes meanwhile', async () => {
    const server = await start();
    const limiter = open.limiter(await connected(server), { rate: 10, burst: 1, deadline: SOON });
    await limiter.take('k');
    const wait = limiter.take('k', { timeout: 10_000 });
    await server.kill();
    expect((await wait).admitted).toBe(true);
  });

  it('ends all waits when it is closed, takes nothing more, and leaves the client to its owner', async () => {
    const server = await start();
    const client = open.client(server);
    const limiter = open.limiter(client, { rate: 0.01, burst: 1 });
    await limiter.take('k');
    const waiting = limiter.take('k', { timeout: Infinity });
    await vi.waitFor(
      () => {
        expect(limiter.snapshot().waiting).toBe(1);
      },
      { timeout: 10_000 },
    );
    const ended = createDeferred<unknown>();
    waiting.catch(ended.resolve);
    await limiter.close();
    await limiter.close();
    expect(await ended.promise).toBeInstanceOf(ClosedError);
    await expect(limiter.take('k')).rejects.toBeInstanceOf(ClosedError);
    await expect(limiter.check('k')).rejects.toBeInstanceOf(ClosedError);
    await expect(limiter.reset('k')).rejects.toBeInstanceOf(ClosedError);
    expect(await client.call('ping')).toBe('PONG');
  });

  it('is not locked out by a limit that was lowered', async () => {
    const server = await start();
    const client = open.client(server);
    const prefix = freshPrefix();
    const fast = open.limiter(client, { prefix, rate: 1000, burst: 1000 });
    await fast.take('k', { cost: 1000 });
    const slow = open.limiter(client, { prefix, rate: 1, burst: 10 });
    expect((await slow.check('k')).retryAfter).toBeLessThan(1_000_000);
    const raised = open.limiter(client, { prefix, rate: 100_000, burst: 1000 });
    await vi.waitFor(
      async () => {
        expect((await raised.check('k')).remaining).toBe(1000);
      },
      { timeout: 10_000 },
    );
  });

  it('does not notice the clock of its own process', async () => {
    const server = await start();
    const clock = new ManualClock();
    const limiter = open.limiter(open.client(server), { rate: 0.01, clock });
    expect(admittedOf(await burst(limiter, 10))).toBe(5);
    clock.setEpoch(clock.epoch() + 3_600_000);
    clock.advance(3_600_000);
    expect(admittedOf(await burst(limiter, 10))).toBe(0);
  });
});
