import { getEventListeners } from 'node:events';
import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { createObjectPool } from '../../src/object/object-pool.ts';
import type { ObjectPoolOptions } from '../../src/object/options.ts';
import { outcome, setUp, setUpSlow, type Thing } from './pool-fixture.ts';

describe('borrowing', () => {
  test('hands the same object out again, the last used first', () => {
    const { pool } = setUp();
    const [first, second] = [pool.borrow(), pool.borrow()];
    expect([first.value.id, second.value.id]).toEqual([0, 1]);
    first.release();
    second.release();
    expect(pool.borrow().value.id).toBe(1);
    expect(pool.stats()).toMatchObject({ total: 2, active: 1, idle: 1, acquired: 3, released: 2 });
  });

  test('beyond the limit throws at once, telling where the pool stands', () => {
    const { pool } = setUp({ name: 'parsers', max: 1 });
    pool.borrow();
    expect(() => pool.borrow()).toThrow(
      expect.objectContaining({
        code: 'PERF_POOL_EXHAUSTED',
        message:
          'the pool "parsers" has nothing ready (1 of 1 are out, 0 callers wait); use acquire() to wait',
      }) as Error,
    );
    expect(pool.stats()).toMatchObject({ rejected: 1, utilization: 1 });
  });

  test('does not overtake one who waits', async () => {
    const { pool } = setUp({ max: 1 });
    const held = pool.borrow();
    const waiting = pool.acquire();
    held.release();
    expect(() => pool.borrow()).toThrow('nothing ready');
    (await waiting).release();
    pool.borrow().release();
  });

  test('begins a creation that returns a promise, and finds it later', async () => {
    const { pool, creations } = setUpSlow();
    expect(() => pool.borrow()).toThrow('nothing ready');
    creations[0]?.resolve({ id: 7 });
    await settle();
    expect(pool.borrow().value.id).toBe(7);
  });

  test('a factory that throws is the cause', () => {
    const cause = new Error('no memory');
    const { pool } = setUp({
      create: () => {
        throw cause;
      },
    });
    expect(() => pool.borrow()).toThrow(
      expect.objectContaining({
        code: 'PERF_POOL_EXHAUSTED',
        cause: expect.objectContaining({ code: 'PERF_POOL_CREATE', cause }) as unknown,
      }) as Error,
    );
  });
});

describe('giving back', () => {
  test('twice is refused, also when somebody else has it by then, whose lease stays', () => {
    const { pool } = setUp({ max: 1 });
    const first = pool.borrow();
    first.release();
    const second = pool.borrow();
    for (const again of [() => first.release(), () => first.discard(), () => first.value]) {
      expect(again).toThrow(expect.objectContaining({ code: 'PERF_POOL_DOUBLE_RELEASE' }) as Error);
    }
    expect(second.value.id).toBe(0);
    expect(pool.stats()).toMatchObject({ active: 1, idle: 0 });
  });

  test('disposing gives back once, however often', async () => {
    const { pool } = setUp();
    const lease = pool.borrow();
    lease[Symbol.dispose]();
    lease[Symbol.dispose]();
    await lease[Symbol.asyncDispose]();
    expect(pool.stats()).toMatchObject({ active: 0, idle: 1, released: 1 });
  });

  test('one that is discarded is destroyed, and its place goes to who waits', async () => {
    const { pool, gone } = setUp({ max: 1 });
    const lease = pool.borrow();
    const waiting = pool.acquire();
    lease.discard();
    expect((await waiting).value.id).toBe(1);
    expect(gone).toEqual([0]);
    expect(pool.stats().destroyed).toMatchObject({ discarded: 1 });
  });

  test('resets before the next one gets it, also when that takes a while', async () => {
    const reset = createDeferred();
    const { pool } = setUp({ max: 1, reset: () => reset.promise });
    const lease = pool.borrow();
    const back = lease[Symbol.asyncDispose]();
    const waiting = pool.acquire();
    await settle();
    expect(pool.stats()).toMatchObject({ active: 1, waiting: 1 });
    reset.resolve();
    await back;
    expect((await waiting).value.id).toBe(0);
  });

  test.each<[string, ObjectPoolOptions<Thing>['reset']]>([
    [
      'throws',
      () => {
        throw new Error('stuck');
      },
    ],
    ['rejects', () => Promise.reject(new Error('stuck'))],
    ['never ends', () => new Promise(() => undefined)],
  ])('one whose reset %s is destroyed', async (_, reset) => {
    const { pool, clock, gone, errors } = setUp({ max: 1, reset });
    pool.borrow().release();
    await clock.advanceAsync(5000);
    expect(gone).toEqual([0]);
    expect(errors.length).toBe(1);
    expect(pool.stats()).toMatchObject({ active: 0, total: 0, destroyed: { reset: 1 } });
    expect(pool.borrow().value.id).toBe(1);
  });

  test('use gives back when the function succeeds, throws or rejects', async () => {
    const { pool } = setUp({ max: 1 });
    expect(await pool.use(({ id }) => id)).toBe(0);
    const failing = [
      () => {
        throw new Error('x');
      },
      () => Promise.reject(new Error('x')),
    ];
    for (const fn of failing) await expect(pool.use(fn)).rejects.toThrow('x');
    expect(pool.stats()).toMatchObject({ active: 0, acquired: 3, released: 3 });
  });
});

describe('waiting', () => {
  test('a caller that gives up or is too late leaves no listener, no timer and no place', async () => {
    const { pool, clock } = setUp({ max: 1, acquireTimeout: 100 });
    const held = pool.borrow();
    const controller = new AbortController();
    const late = outcome(pool.acquire({ signal: controller.signal }));
    const gone = outcome(pool.acquire({ signal: controller.signal, timeout: 500 }));
    expect(clock.keepAliveTimers).toBe(1);
    await clock.advanceAsync(100);
    expect(await late).toMatchObject({ code: 'PERF_POOL_ACQUIRE_TIMEOUT', waited: 100 });
    controller.abort(new Error('gone'));
    expect(await gone).toMatchObject({ message: 'gone' });
    expect(await outcome(pool.acquire({ signal: controller.signal }))).toMatchObject({
      message: 'gone',
    });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(clock.keepAliveTimers).toBe(0);
    held.release();
    expect(pool.stats()).toMatchObject({ waiting: 0, timeouts: 1, aborted: 2, idle: 1 });
  });

  test('beyond the queue is refused at once', async () => {
    const { pool } = setUp({ max: 1, maxQueue: 1 });
    const held = pool.borrow();
    const waiting = pool.acquire();
    expect(await outcome(pool.acquire())).toMatchObject({
      code: 'PERF_POOL_QUEUE_FULL',
      maxQueue: 1,
      situation: { limit: 1, active: 1, waiting: 1 },
    });
    held.release();
    (await waiting).release();
  });

  test.each(['timeout', 'deadline'])('a %s that is no number is refused', async (option) => {
    const { pool, clock } = setUp({ max: 1 });
    const held = pool.borrow();
    expect(await outcome(pool.acquire({ [option]: Number.NaN }))).toMatchObject({ option });
    expect([pool.stats().waiting, clock.keepAliveTimers]).toEqual([0, 0]);
    held.release();
  });

  test('whatever comes first, one given back or one created, serves who waits', async () => {
    const { pool, creations } = setUpSlow({ max: 2 });
    const first = pool.acquire();
    creations[0]?.resolve({ id: 0 });
    const held = await first;
    const waiting = pool.acquire();
    await settle();
    expect(pool.stats()).toMatchObject({ connecting: 1, waiting: 1 });
    held.release();
    expect((await waiting).value.id).toBe(0);
    creations[1]?.resolve({ id: 1 });
    await settle();
    expect(pool.stats()).toMatchObject({ connecting: 0, total: 2, idle: 1, active: 1 });
  });

  test('no more are made than callers wait, nor than there may be', async () => {
    const { pool, creations } = setUpSlow({ max: 3 });
    const waiting = [pool.acquire()];
    expect(creations.length).toBe(1);
    for (let i = 0; i < 9; i++) waiting.push(pool.acquire());
    expect(creations.length).toBe(3);
    creations.forEach((creation, id) => {
      creation.resolve({ id });
    });
    for (const one of waiting) (await one).release();
    expect(pool.stats()).toMatchObject({ created: 3, idle: 3, acquired: 10, released: 10 });
  });
});

describe('the limit', () => {
  test('raised lets in who waits, lowered destroys what lies ready beyond it', async () => {
    const { pool, gone } = setUp({ max: 3 });
    pool.setLimit(1);
    const held = pool.borrow();
    const waiting = [pool.acquire(), pool.acquire()];
    pool.setLimit(3);
    const leases = await Promise.all(waiting);
    pool.setLimit(1);
    expect(pool.stats()).toMatchObject({ active: 3, limit: 1 });
    for (const lease of [held, ...leases]) lease.release();
    expect(gone.length).toBe(2);
    expect(pool.stats()).toMatchObject({ total: 1, idle: 1, destroyed: { surplus: 2 } });
  });

  test('what comes back beyond maxIdle is destroyed', () => {
    const { pool } = setUp({ max: 3, maxIdle: 1 });
    for (const lease of [pool.borrow(), pool.borrow(), pool.borrow()]) lease.release();
    expect(pool.stats()).toMatchObject({ idle: 1, destroyed: { surplus: 2 } });
  });

  test.each([0, 4, 1.5, Number.NaN])('%d is refused', (limit) => {
    const { pool } = setUp({ max: 3 });
    expect(() => pool.setLimit(limit)).toThrow(
      expect.objectContaining({ code: 'PERF_CONFIG', option: 'limit' }) as Error,
    );
  });
});

test.each<[object, string]>([
  [{ create: undefined }, 'objectPool.create'],
  [{ reset: 1 }, 'objectPool.reset'],
  [{ validate: 'yes' }, 'objectPool.validate'],
  [{ destroy: {} }, 'objectPool.destroy'],
  [{ maxx: 1 }, 'objectPool.maxx'],
])('%o is refused', (options, option) => {
  const given = { create: () => 1, ...options } as unknown as ObjectPoolOptions<number>;
  expect(() => createObjectPool(given)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
  );
});
