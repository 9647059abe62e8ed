import { settle } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createDeferred } from '@perf/core';
import { outcome, setUp, setUpSlow } from './pool-fixture.ts';

const LAW = { active: 0, waiting: 0, connecting: 0, idle: 0, total: 0 };

test('a drain sends away who waits, lets nobody in, and waits for what is out', async () => {
  const { pool, gone, clock } = setUp({ max: 1 });
  const held = pool.borrow();
  const waiting = outcome(pool.acquire());
  let isDrained = false;
  const drained = pool.drain().then(() => {
    isDrained = true;
  });
  expect(await waiting).toMatchObject({ code: 'PERF_POOL_CLOSED' });
  expect(await outcome(pool.acquire())).toMatchObject({ code: 'PERF_POOL_CLOSED' });
  expect(() => pool.borrow()).toThrow(
    expect.objectContaining({ code: 'PERF_POOL_CLOSED' }) as Error,
  );
  await settle();
  expect([isDrained, held.value.id]).toEqual([false, 0]);
  held.release();
  await drained;
  expect(gone).toEqual([0]);
  const stats = pool.stats();
  expect(stats).toMatchObject(LAW);
  expect(stats.acquired).toBe(stats.released);
  expect(clock.pendingTimers).toBe(0);
});

test('what is not given back in time is taken away; giving it back then is no mistake', async () => {
  const { pool, clock, gone } = setUp();
  const lease = pool.borrow();
  const drained = pool.drain({ timeout: 1000 });
  await clock.advanceAsync(1000);
  await drained;
  expect(gone).toEqual([0]);
  lease.release();
  expect(pool.stats()).toMatchObject({
    ...LAW,
    acquired: 1,
    released: 1,
    destroyed: { closed: 1 },
  });
});

test('of what is taken away, only the last lease may be given back; an older one is told', async () => {
  const { pool, clock } = setUp({ max: 1 });
  const older = pool.borrow();
  older.release();
  const last = pool.borrow();
  const drained = pool.drain({ timeout: 0 });
  await clock.advanceAsync(0);
  await drained;
  last.release();
  expect(() => {
    older.release();
  }).toThrow(expect.objectContaining({ code: 'PERF_POOL_DOUBLE_RELEASE' }) as Error);
});

test('a drain waits for destructions, in bounded time', async () => {
  const ends = [createDeferred(), createDeferred()];
  let begun = 0;
  const { pool, clock, errors } = setUp({ destroy: () => ends[begun++]?.promise });
  const leases = [pool.borrow(), pool.borrow()];
  for (const lease of leases) lease.release();
  let isDrained = false;
  const drained = pool.close().then(() => {
    isDrained = true;
  });
  ends[0]?.resolve();
  await settle();
  expect(isDrained).toBe(false);
  await clock.advanceAsync(5000);
  await drained;
  expect(errors).toEqual([expect.objectContaining({ code: 'PERF_TIMEOUT' })]);
  expect(clock.pendingTimers).toBe(0);
});

test('a creation under way is given up, and what it makes later is destroyed', async () => {
  const { pool, creations, signals, gone } = setUpSlow();
  const waiting = outcome(pool.acquire());
  await pool.drain();
  expect(await waiting).toMatchObject({ code: 'PERF_POOL_CLOSED' });
  expect(signals[0]?.aborted).toBe(true);
  creations[0]?.resolve({ id: 5 });
  await settle();
  expect(gone).toEqual([5]);
  expect(pool.stats()).toMatchObject({ ...LAW, created: 1, destroyed: { closed: 1 } });
});

test('a second drain is the first one', async () => {
  const { pool } = setUp();
  await Promise.all([pool.drain(), pool.close(), pool[Symbol.asyncDispose]()]);
  expect(pool.stats()).toMatchObject(LAW);
});

test('a pool that drains in the loop turn of its construction creates nothing', async () => {
  const { pool, clock } = setUp({ min: 2 });
  await pool.close();
  expect(pool.stats()).toMatchObject({ ...LAW, created: 0 });
  expect(clock.pendingTimers).toBe(0);
});
