import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ManualClock } from '@perf/core/testing';
import { build } from 'rolldown';
import { expect, test } from 'vitest';
import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';

test('expired entries are removed in the background, and told', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({ clock, sweepInterval: '10s' });
  const removed: string[] = [];
  cache.on('remove', ({ key, reason }) => removed.push(`${key} ${reason}`));
  cache.set('a', 1, { ttl: '5s' });
  cache.set('b', 1, { ttl: '15s' });
  cache.set('c', 1);
  clock.advance(9_999);
  expect(cache.size).toBe(3);
  clock.advance(1);
  expect(cache.size).toBe(2);
  clock.advance(10_000);
  expect(cache.size).toBe(1);
  expect(removed).toEqual(['a expired', 'b expired']);
  expect(cache.stats().expirations).toBe(2);
});

test('the timer runs only while there is something that can expire', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({ clock });
  cache.set('a', 1);
  expect(clock.pendingTimers).toBe(0);
  cache.set('b', 1, { ttl: '1s' });
  cache.set('c', 1, { ttl: '1s' });
  expect(clock.pendingTimers).toBe(1);
  clock.advance(60_000);
  expect(cache.size).toBe(1);
  expect(clock.pendingTimers).toBe(0);
  cache.set('b', 1, { ttl: '1s' });
  expect(clock.pendingTimers).toBe(1);
  cache.delete('b');
  clock.advance(60_000);
  expect(clock.pendingTimers).toBe(0);
});

test('close stops the timer', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({ clock, ttl: 5 });
  cache.set('a', 1);
  cache.close();
  expect(clock.pendingTimers).toBe(0);
});

test('a listener that closes the cache in the middle of a sweep ends the sweep', () => {
  const clock = new ManualClock();
  const delays: number[] = [];
  const cache = createMemoryCache<number, number>({
    ttl: 5,
    sweepInterval: 100,
    clock: {
      now: () => clock.now(),
      coarse: () => clock.coarse(),
      epoch: () => clock.epoch(),
      setTimer(callback, delay) {
        delays.push(delay);
        return clock.setTimer(callback, delay);
      },
    },
  });
  cache.on('remove', () => {
    cache.close();
  });
  for (let i = 0; i < 5000; i++) cache.set(i, i);
  clock.advance(1000);
  // The first slice, and what the listener itself has removed.
  expect(delays).toEqual([100, 1]);
  expect(cache.size).toBe(0);
});

test('a sweep whose clock fails does not throw, and comes again after the interval', () => {
  const clock = new ManualClock();
  let fails = false;
  const cache = createMemoryCache<string, number>({
    ttl: 5,
    sweepInterval: 100,
    clock: {
      now: () => clock.now(),
      coarse() {
        if (fails) throw new Error('the clock fails');
        return clock.coarse();
      },
      epoch: () => clock.epoch(),
      setTimer: (callback, delay) => clock.setTimer(callback, delay),
    },
  });
  cache.set('a', 1);
  fails = true;
  clock.advance(100);
  expect(cache.size).toBe(1);
  fails = false;
  clock.advance(100);
  expect(cache.size).toBe(0);
});

test('with sweepInterval false there is no timer', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({ clock, ttl: 5, sweepInterval: false });
  cache.set('a', 1);
  expect(clock.pendingTimers).toBe(0);
});

test('a pass over a large cache is cut into slices', () => {
  const clock = new ManualClock();
  let turns = 0;
  const cache = createMemoryCache<number, number>({
    ttl: 5,
    clock: {
      now: () => clock.now(),
      coarse: () => clock.coarse(),
      epoch: () => clock.epoch(),
      setTimer: (callback, delay) =>
        clock.setTimer(() => {
          const before = cache.size;
          callback();
          expect(before - cache.size).toBeLessThanOrEqual(2048);
          turns++;
        }, delay),
    },
  });
  for (let i = 0; i < 10_000; i++) cache.set(i, i);
  clock.advance(60_000);
  expect(cache.size).toBe(0);
  expect(turns).toBe(5);
});

test('clear(expired) removes at once what has expired', () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<string, number>({ clock });
  cache.set('a', 1, { ttl: 5 });
  cache.set('b', 1, { ttl: 50 });
  cache.set('c', 1);
  clock.advance(5);
  expect(cache.clear('expired')).toBe(1);
  expect(cache.clear('expired')).toBe(0);
  expect([...cache.keys()]).toEqual(['b', 'c']);
});

test('a process ends while a sweep is pending', async () => {
  const { output } = await build({
    input: path.join(import.meta.dirname, '../programs/pending-sweep.ts'),
    platform: 'node',
    logLevel: 'warn',
    resolve: { conditionNames: ['@perf/source', 'import', 'node', 'default'] },
    write: false,
  });
  const program = spawnSync(process.execPath, ['--input-type=module'], {
    input: output[0].code,
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(program).toMatchObject({ status: 0, stdout: 'the sweep is pending\n', stderr: '' });
});
