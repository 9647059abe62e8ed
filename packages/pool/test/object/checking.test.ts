import { getEventListeners } from 'node:events';
import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { outcome, setUp } from './pool-fixture.ts';

test('one that lay unused for long is checked, and replaced when it is unfit', async () => {
  const checked: number[] = [];
  const { pool, clock, gone } = setUp({
    max: 1,
    validateAfterIdle: 500,
    validate: ({ id }) => {
      checked.push(id);
      return false;
    },
  });
  pool.borrow().release();
  (await pool.acquire()).release();
  expect(checked).toEqual([]);
  clock.advance(500);
  const lease = await pool.acquire();
  expect([lease.value.id, checked, gone]).toEqual([1, [0], [0]]);
  lease.release();
  clock.advance(500);
  expect(pool.borrow().value.id).toBe(2);
  const stats = pool.stats();
  expect(stats).toMatchObject({ active: 1, destroyed: { invalid: 2 } });
  expect(stats.acquired - stats.released).toBe(1);
});

test.each<[string, () => boolean | Promise<boolean>]>([
  [
    'throws',
    () => {
      throw new Error('broken pipe');
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken pipe'))],
  ['never ends', () => new Promise(() => undefined)],
])('one whose check %s is unfit, and the next comes before all who wait', async (_, validate) => {
  const { pool, clock, errors, gone } = setUp({ max: 1, validateAfterIdle: 0, validate });
  pool.borrow().release();
  const order: string[] = [];
  const first = pool.acquire().then((lease) => {
    order.push(`first has ${lease.value.id}`);
    lease.release();
  });
  const second = pool.acquire({ priority: 9 }).then((lease) => {
    order.push(`second has ${lease.value.id}`);
    lease.release();
  });
  await clock.advanceAsync(20_000);
  await Promise.all([first, second]);
  expect(order).toEqual(['first has 1', 'second has 2']);
  expect(errors[0]).toMatchObject({ code: 'PERF_POOL_HEALTH_CHECK' });
  expect(gone).toEqual([0, 1]);
  const stats = pool.stats();
  expect(stats).toMatchObject({ active: 0, waiting: 0, destroyed: { invalid: 2 } });
  expect(stats.acquired).toBe(stats.released);
});

test('a caller that gives up during a check leaves; the object is checked on and stays', async () => {
  const verdict = createDeferred<boolean>();
  const { pool, clock } = setUp({
    max: 1,
    validateAfterIdle: 10,
    validate: () => verdict.promise,
    acquireTimeout: 100,
  });
  pool.borrow().release();
  clock.advance(10);
  const controller = new AbortController();
  const gone = outcome(pool.acquire({ signal: controller.signal }));
  await settle();
  controller.abort(new Error('gone'));
  expect(await gone).toMatchObject({ message: 'gone' });
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  expect(pool.stats()).toMatchObject({ active: 1, aborted: 1 });
  const late = outcome(pool.acquire());
  await clock.advanceAsync(100);
  expect(await late).toMatchObject({ code: 'PERF_POOL_ACQUIRE_TIMEOUT', waited: 100 });
  verdict.resolve(true);
  await settle();
  expect(pool.stats()).toMatchObject({ active: 0, idle: 1, timeouts: 1, acquired: 2, released: 2 });
});

test('a check that returns a promise cannot serve a borrow; it is ready for the next', async () => {
  const { pool, clock } = setUp({
    max: 1,
    validateAfterIdle: 10,
    validate: () => Promise.resolve(true),
  });
  pool.borrow().release();
  clock.advance(10);
  expect(() => pool.borrow()).toThrow('nothing ready');
  await settle();
  expect(pool.borrow().value.id).toBe(0);
});
