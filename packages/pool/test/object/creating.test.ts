import { createDeferred, type Clock } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { expect, test } from 'vitest';
import type { Lease } from '../../src/object/lease.ts';
import { outcome, setUp, setUpSlow, type Thing } from './pool-fixture.ts';

test('a failing factory is not called again before a growing wait, however many callers come', async () => {
  let calls = 0;
  const { pool, clock } = setUp({
    max: 1,
    acquireTimeout: '1h',
    backoff: 100,
    maxBackoff: 400,
    create: () => {
      calls++;
      throw new Error('down');
    },
  });
  const times: number[] = [];
  const all: Promise<unknown>[] = [];
  for (let i = 0; i < 10; i++) all.push(outcome(pool.acquire()));
  for (let seen = 0; clock.now() < 1100;) {
    if (calls > seen) times.push(clock.now());
    seen = calls;
    await clock.advanceAsync(10);
  }
  // The wait is between half and all of 100, 200, 400, 400 … ms; here by chance the half.
  expect(times).toEqual([0, 50, 150, 350, 550, 750, 950]);
  expect(calls).toBe(7);
  for (const one of all.slice(0, 7)) {
    expect(await one).toMatchObject({ code: 'PERF_POOL_CREATE', cause: { message: 'down' } });
  }
  expect(pool.stats()).toMatchObject({ errors: 7, waiting: 3, active: 0 });
  await pool.close();
});

test('a success ends the back-off', async () => {
  let isDown = true;
  const { pool, clock } = setUp({
    create: () => {
      if (isDown) throw new Error('down');
      return { id: 1 };
    },
  });
  await outcome(pool.acquire());
  const waiting = pool.acquire();
  isDown = false;
  await clock.advanceAsync(50);
  expect((await waiting).value.id).toBe(1);
  expect(pool.borrow().value.id).toBe(1);
});

test('while something is out, a failed creation sends nobody away; it is the cause of their timeout', async () => {
  const { pool, creations, clock } = setUpSlow({ max: 2, acquireTimeout: 1000 });
  const first = pool.acquire();
  creations[0]?.resolve({ id: 0 });
  const held = await first;
  const [served, late] = [pool.acquire({ priority: 9 }), outcome(pool.acquire())];
  creations[1]?.reject(new Error('down'));
  await settle();
  held.release();
  expect((await served).value.id).toBe(0);
  await clock.advanceAsync(1000);
  expect(await late).toMatchObject({
    code: 'PERF_POOL_ACQUIRE_TIMEOUT',
    cause: { code: 'PERF_POOL_CREATE', cause: { message: 'down' } },
  });
});

test('a creation that takes too long is given up, and what it makes later is destroyed', async () => {
  const { pool, creations, signals, clock, gone } = setUpSlow({ connectTimeout: 200 });
  const waiting = outcome(pool.acquire());
  await clock.advanceAsync(200);
  expect(await waiting).toMatchObject({
    code: 'PERF_POOL_CREATE',
    cause: { code: 'PERF_TIMEOUT', timeout: 200 },
  });
  expect(signals[0]?.aborted).toBe(true);
  creations[0]?.resolve({ id: 9 });
  await settle();
  expect(gone).toEqual([9]);
  expect(pool.stats()).toMatchObject({ connecting: 0, created: 1, destroyed: { late: 1 } });
});

test('min is there from the start, and again after one is lost', async () => {
  const { pool } = setUp({ min: 2 });
  await settle();
  expect(pool.stats()).toMatchObject({ idle: 2, created: 2 });
  pool.borrow().discard();
  expect(pool.stats()).toMatchObject({ idle: 2, created: 3 });
});

test('warming up creates as many as asked for, within max', async () => {
  const { pool } = setUp({ max: 3 });
  pool.warmUp(3);
  expect(pool.stats()).toMatchObject({ idle: 3 });
  expect(() => {
    pool.warmUp(4);
  }).toThrow(expect.objectContaining({ option: 'warmUp.count' }) as Error);
});

test('creations run under the policy, whose refusal is the cause', async () => {
  let runs = 0;
  const { pool } = setUp({
    policy: {
      execute: (fn, call) => {
        runs++;
        return runs === 1
          ? Promise.reject(new Error('open'))
          : Promise.resolve(fn({ signal: call?.signal ?? new AbortController().signal }));
      },
    },
  });
  expect(await outcome(pool.acquire())).toMatchObject({
    code: 'PERF_POOL_CREATE',
    cause: { message: 'open' },
  });
  expect(runs).toBe(1);
});

test('those unused for long go, down to min, and those too old go all the same', async () => {
  const { pool, clock, gone } = setUp({
    min: 1,
    max: 3,
    idleTimeout: 1000,
    maxLifetime: 10_000,
    lifetimeJitter: 0,
  });
  const leases = [pool.borrow(), pool.borrow(), pool.borrow()];
  for (const lease of leases) lease.release();
  await clock.advanceAsync(1250);
  expect(gone).toEqual([0, 1]);
  await clock.advanceAsync(9000);
  expect(gone).toEqual([0, 1, 2]);
  expect(pool.stats()).toMatchObject({ idle: 1, destroyed: { idle: 2, lifetime: 1 } });
  await pool.close();
});

test('jitter takes its part off each lifetime, so that not all end together', async () => {
  let random = 0;
  const { pool, clock } = setUp({
    idleTimeout: Infinity,
    maxLifetime: 10_000,
    lifetimeJitter: 0.5,
    random: () => (random === 0 ? random++ : 1),
  });
  const leases = [pool.borrow(), pool.borrow()];
  for (const lease of leases) lease.release();
  await clock.advanceAsync(5000);
  expect(pool.stats()).toMatchObject({ idle: 1, destroyed: { lifetime: 1 } });
  await clock.advanceAsync(5000);
  expect(pool.stats()).toMatchObject({ idle: 0, destroyed: { lifetime: 2 } });
});

test('one too old is not handed out, though no sweep has come by', () => {
  const { pool, clock } = setUp({ maxLifetime: '10h', lifetimeJitter: 0, idleTimeout: Infinity });
  pool.borrow().release();
  clock.advance(36_000_000 - 1);
  expect(pool.borrow().value.id).toBe(0);
  clock.advance(1);
  expect(pool.borrow().value.id).toBe(1);
});

test('one that is being destroyed counts as there, so that never more than max exist', async () => {
  const end = createDeferred();
  const { pool } = setUp({ max: 1, destroy: () => end.promise });
  pool.borrow().discard();
  const waiting = pool.acquire();
  await settle();
  expect(pool.stats()).toMatchObject({ waiting: 1, created: 1 });
  end.resolve();
  expect((await waiting).value.id).toBe(1);
});

test('a creation or a back-off keeps the process alive only while somebody waits for it', async () => {
  const { pool, clock, creations } = setUpSlow({ acquireTimeout: Infinity, max: 1 });
  const waitThenLeave = async (): Promise<number> => {
    const controller = new AbortController();
    const gone = outcome(pool.acquire({ signal: controller.signal }));
    const held = clock.keepAliveTimers;
    controller.abort();
    await gone;
    return held;
  };
  expect([await waitThenLeave(), clock.keepAliveTimers]).toEqual([1, 0]);
  expect([await waitThenLeave(), clock.keepAliveTimers]).toEqual([1, 0]);
  creations[0]?.reject(new Error('down'));
  await settle();
  expect(creations.length).toBe(1);
  expect([await waitThenLeave(), clock.keepAliveTimers]).toEqual([1, 0]);
  const served = pool.acquire();
  await clock.advanceAsync(50);
  creations[1]?.resolve({ id: 1 });
  expect((await served).value.id).toBe(1);
});

test('an unfit one that is replaced counts as one acquire', async () => {
  const { pool, clock } = setUp({ max: 1, validateAfterIdle: 10, validate: () => false });
  pool.borrow().release();
  clock.advance(10);
  (await pool.acquire()).release();
  expect(pool.stats()).toMatchObject({ acquired: 2, released: 2, destroyed: { invalid: 1 } });
});

test('one that becomes too old while it is out is destroyed when it comes back, and no other', async () => {
  const { pool, clock, gone } = setUp({
    maxLifetime: 1000,
    lifetimeJitter: 0,
    idleTimeout: Infinity,
  });
  const old = pool.borrow();
  await clock.advanceAsync(500);
  const young = pool.borrow();
  await clock.advanceAsync(500);
  expect(gone).toEqual([]);
  young.release();
  old.release();
  expect(gone).toEqual([0]);
  await clock.advanceAsync(499);
  expect(pool.stats()).toMatchObject({ idle: 1, destroyed: { lifetime: 1 } });
  await clock.advanceAsync(1);
  expect(gone).toEqual([0, 1]);
  expect(clock.pendingTimers).toBe(0);
});

test('one that is used now and then stays, the others go after the idle timeout', async () => {
  const { pool, clock, gone } = setUp({ max: 3, idleTimeout: 1000, maxLifetime: Infinity });
  const leases = [pool.borrow(), pool.borrow(), pool.borrow()];
  for (const lease of leases) lease.release();
  for (let time = 0; time < 3000; time += 100) {
    pool.borrow().release();
    await clock.advanceAsync(100);
    if (time < 900) expect(gone).toEqual([]);
  }
  expect(gone).toEqual([0, 1]);
  expect(pool.stats()).toMatchObject({ idle: 1, destroyed: { idle: 2 } });
  await pool.close();
});

test('what is taken away at the bottom, by a lower limit, does not make others look unused', async () => {
  const { pool, clock } = setUp({ max: 4, idleTimeout: 1000, maxLifetime: Infinity });
  const leases = [pool.borrow(), pool.borrow(), pool.borrow()];
  const held = pool.borrow();
  for (const lease of leases) lease.release();
  await clock.advanceAsync(1100);
  pool.setLimit(3);
  held.release();
  expect(pool.stats()).toMatchObject({ idle: 3, destroyed: { surplus: 1 } });
  await clock.advanceAsync(1100);
  expect(pool.stats()).toMatchObject({ idle: 1, destroyed: { idle: 2 } });
  await clock.advanceAsync(100);
  expect(pool.stats()).toMatchObject({ idle: 0, destroyed: { idle: 3 } });
  await pool.close();
});

test('a timer that is early by less than a millisecond does not end all further tries', async () => {
  const manual = new ManualClock();
  let early = 0;
  const clock: Clock = {
    now: () => manual.now() - early,
    coarse: () => manual.coarse(),
    epoch: () => manual.epoch(),
    setTimer: (callback, delay, options) => manual.setTimer(callback, delay, options),
  };
  let isDown = true;
  const { pool } = setUp({
    clock,
    max: 1,
    backoff: 100,
    create: async () => {
      if (isDown) throw new Error('down');
      return { id: 1 };
    },
  });
  const failed = outcome(pool.acquire());
  const waiting = pool.acquire().then((lease) => {
    lease.release();
    return 'served';
  });
  expect(await failed).toMatchObject({ code: 'PERF_POOL_CREATE' });
  isDown = false;
  early = 0.3;
  await manual.advanceAsync(100);
  expect(await Promise.race([waiting, settle().then(() => 'waits')])).toBe('served');
  await pool.close();
});

test('one that has ended by itself goes at once when it lies unused, and min is kept', async () => {
  const things: Thing[] = [];
  let made = 0;
  const { pool, gone } = setUp({
    min: 2,
    create: () => {
      const thing = { id: made++ };
      things.push(thing);
      return thing;
    },
  });
  await settle();
  const [first, second] = things;
  if (first === undefined || second === undefined) throw new Error('there are two');
  pool.lost(first);
  expect(gone).toEqual([0]);
  expect(pool.stats()).toMatchObject({ idle: 2, created: 3, destroyed: { lost: 1 } });
  pool.lost(first);
  pool.lost({ id: 99 });
  expect(pool.stats()).toMatchObject({ idle: 2, created: 3, destroyed: { lost: 1 } });
  await pool.close();
});

test('one that has ended by itself while it is out is destroyed when it is given back', async () => {
  const { pool, gone } = setUp({ max: 1, maxLifetime: Infinity, idleTimeout: Infinity });
  const lease = pool.borrow();
  pool.lost(lease.value);
  expect([gone, pool.stats().active]).toEqual([[], 1]);
  lease.release();
  expect(gone).toEqual([0]);
  expect(pool.stats()).toMatchObject({ active: 0, idle: 0, destroyed: { lost: 1 } });
  pool.borrow().release();
  expect(pool.stats().created).toBe(2);
  await pool.close();
});

test('the ends of others do not make one look unused for longer', async () => {
  const parts = [0, 0.974, 0.973, 0.972];
  const { pool, clock } = setUp({
    max: 4,
    idleTimeout: 1000,
    maxLifetime: 10_000,
    lifetimeJitter: 1,
    random: () => parts.shift() ?? 0,
  });
  const leases = [pool.borrow(), pool.borrow(), pool.borrow(), pool.borrow()];
  for (const lease of leases) lease.release();
  await clock.advanceAsync(1200);
  expect(pool.stats()).toMatchObject({ idle: 1, destroyed: { lifetime: 3, idle: 0 } });
  await clock.advanceAsync(100);
  expect(pool.stats()).toMatchObject({ idle: 0, destroyed: { idle: 1 } });
  await pool.close();
});

test('a pool that is closed, or asked, by the end of one that lay unused loses none', async () => {
  const ends: (() => void)[] = [];
  const { pool, clock } = setUp({
    max: 4,
    idleTimeout: 1000,
    maxLifetime: Infinity,
    destroy: () => {
      ends.shift()?.();
    },
  });
  const held: Lease<Thing>[] = [];
  const leases = [pool.borrow(), pool.borrow(), pool.borrow(), pool.borrow()];
  for (const lease of leases) lease.release();
  ends.push(
    () => held.push(pool.borrow()),
    () => void pool.close(),
  );
  await clock.advanceAsync(1250);
  held[0]?.release();
  await pool.close();
  expect(held.length).toBe(1);
  expect(pool.stats()).toMatchObject({ total: 0, active: 0, created: 4 });
  expect(clock.pendingTimers).toBe(0);
});

test('creations that fail send nobody away while others are under way, which then serve all', async () => {
  const { pool, creations } = setUpSlow({ max: 3 });
  const all = [1, 2, 3].map(() => outcome(pool.use(() => 'served')));
  await settle();
  creations[0]?.reject(new Error('too many'));
  creations[1]?.reject(new Error('too many'));
  await settle();
  expect(pool.stats().waiting).toBe(3);
  creations[2]?.resolve({ id: 1 });
  expect(await Promise.all(all)).toEqual(['served', 'served', 'served']);
  await pool.close();
});

test('creations that all fail send as many callers away', async () => {
  const { pool, creations } = setUpSlow({ max: 3 });
  const all = [1, 2, 3, 4].map(() => outcome(pool.acquire()));
  await settle();
  for (const creation of creations) creation.reject(new Error('down'));
  await settle();
  expect(pool.stats().waiting).toBe(1);
  for (const one of all.slice(0, 3)) expect(await one).toMatchObject({ code: 'PERF_POOL_CREATE' });
  await pool.close();
});
