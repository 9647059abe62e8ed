import { ConfigError, sleep } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

test('stands still until it is advanced', async () => {
  const clock = new ManualClock(1000);
  await settle();
  expect([clock.now(), clock.coarse(), clock.epoch()]).toEqual([0, 0, 1000]);
  clock.advance(2.5);
  expect([clock.now(), clock.coarse(), clock.epoch()]).toEqual([2.5, 2, 1002]);
});

test('timers run in the order in which they are due, and equal ones in the order they were set', () => {
  const clock = new ManualClock();
  const order: string[] = [];
  clock.setTimer(() => order.push(`late at ${clock.now()}`), 30);
  clock.setTimer(() => order.push(`first at ${clock.now()}`), 10);
  clock.setTimer(() => order.push(`second at ${clock.now()}`), 10);
  clock.advance(29);
  expect(order).toEqual(['first at 10', 'second at 10']);
  clock.advance(1);
  expect(order).toEqual(['first at 10', 'second at 10', 'late at 30']);
  expect(clock.pendingTimers).toBe(0);
});

test('a timer set by a timer runs in the same advance when it comes due in it', () => {
  const clock = new ManualClock();
  const at: number[] = [];
  clock.setTimer(() => {
    clock.setTimer(() => at.push(clock.now()), 5);
    clock.setTimer(() => at.push(clock.now()), 50);
  }, 10);
  clock.advance(20);
  expect(at).toEqual([15]);
  expect(clock.pendingTimers).toBe(1);
});

test('a timer set with a negative delay is due at once, at the present time', () => {
  const clock = new ManualClock();
  clock.advance(10);
  let at = -1;
  clock.setTimer(() => (at = clock.now()), -5);
  clock.advance(0);
  expect(at).toBe(10);
});

test('a cancelled timer never runs, not even when a timer due at the same time cancels it', () => {
  const clock = new ManualClock();
  const ran: string[] = [];
  clock.setTimer(() => {
    ran.push('first');
    second.cancel();
    second.cancel();
  }, 10);
  const second = clock.setTimer(() => ran.push('second'), 10);
  clock.advance(100);
  expect(ran).toEqual(['first']);
});

test('time does not run back when a timer advances the clock itself', () => {
  const clock = new ManualClock();
  clock.setTimer(() => clock.advance(100), 5);
  clock.advance(10);
  expect(clock.now()).toBe(105);
});

test('the epoch can be set without monotonic time or timers noticing', () => {
  const clock = new ManualClock(1000);
  let ran = false;
  clock.setTimer(() => (ran = true), 10);
  clock.advance(5);
  clock.setEpoch(50);
  expect([clock.now(), clock.epoch(), ran]).toEqual([5, 50, false]);
  clock.advance(5);
  expect([clock.now(), clock.epoch(), ran]).toEqual([10, 55, true]);
});

test.each([-1, Number.NaN, Infinity, '5' as never])('advancing by %s is refused', async (by) => {
  const clock = new ManualClock();
  expect(() => clock.advance(by)).toThrow(ConfigError);
  await expect(clock.advanceAsync(by)).rejects.toThrow(ConfigError);
  expect(clock.now()).toBe(0);
});

describe('advanceAsync', () => {
  test('runs the timers that awakened promises set', async () => {
    const clock = new ManualClock();
    const at: number[] = [];
    const loop = (async () => {
      for (let turn = 0; turn < 3; turn++) {
        await sleep(clock, 10);
        at.push(clock.now());
      }
    })();
    await clock.advanceAsync(30);
    await loop;
    expect(at).toEqual([10, 20, 30]);
  });

  test('lets what is pending set its timers first', async () => {
    const clock = new ManualClock();
    let ran = false;
    void Promise.resolve().then(() => clock.setTimer(() => (ran = true), 10));
    await clock.advanceAsync(10);
    expect(ran).toBe(true);
  });
});

test('settle lets chains of promises and immediates run', async () => {
  let done = false;
  setImmediate(() => {
    void (async () => {
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      done = true;
    })();
  });
  await settle();
  expect(done).toBe(true);
});

test('any schedule of timers runs as a sorted list of them would', () => {
  const delays = fc.array(fc.nat({ max: 50 }), { maxLength: 30 });
  const steps = fc.array(fc.nat({ max: 20 }), { maxLength: 10 });
  fc.assert(
    fc.property(delays, steps, fc.func(fc.boolean()), (dues, advances, isCancelled) => {
      const clock = new ManualClock();
      const ran: string[] = [];
      const timers = dues.map((due, index) =>
        clock.setTimer(() => ran.push(`${index} at ${clock.now()}`), due),
      );
      const kept = dues.map((_, index) => !isCancelled(index));
      timers.forEach((timer, index) => {
        if (kept[index] === false) timer.cancel();
      });
      for (const step of advances) clock.advance(step);
      const end = advances.reduce((sum, step) => sum + step, 0);
      const expected = dues
        .map((due, index) => ({ due, index }))
        .filter(({ due, index }) => kept[index] === true && due <= end)
        .toSorted((a, b) => a.due - b.due || a.index - b.index)
        .map(({ due, index }) => `${index} at ${due}`);
      // A timer that is due at 0 runs in the first advance.
      expect(ran).toEqual(advances.length === 0 ? [] : expected);
      expect(clock.now()).toBe(end);
    }),
  );
});

test('tells which timers would keep a process alive', () => {
  const clock = new ManualClock();
  const timer = clock.setTimer(() => {}, 5, { keepAlive: true });
  clock.setTimer(() => {}, 5);
  expect(clock.keepAliveTimers).toBe(1);
  timer.keepAlive(false);
  expect(clock.keepAliveTimers).toBe(0);
  timer.keepAlive(true);
  clock.advance(5);
  expect(clock.keepAliveTimers).toBe(0);
});
