import { systemClock } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { expect, test, vi } from 'vitest';
import { Heartbeat } from '../../src/signals/heartbeat.ts';

const EVERY_20 = { busy: 20, idle: 20 };

/** A clock whose timers come `late` milliseconds after they are due. */
class LateClock extends ManualClock {
  late = 0;

  override setTimer(callback: () => void, delay: number): ReturnType<ManualClock['setTimer']> {
    return super.setTimer(callback, delay + this.late);
  }
}

test('each beat tells how late it was', () => {
  const clock = new LateClock();
  const beats: number[] = [];
  const heartbeat = new Heartbeat(clock, EVERY_20, (lateness) => beats.push(lateness));
  clock.late = 300;
  clock.advance(20);
  clock.late = 0;
  clock.advance(320);
  clock.advance(20);
  expect(beats).toEqual([0, 300, 0]);
  heartbeat.stop();
});

test('those that begin at different times beat together', () => {
  const clock = new ManualClock();
  const beats: string[] = [];
  const first = new Heartbeat(clock, EVERY_20, () => beats.push(`first ${clock.now()}`));
  clock.advance(7);
  const second = new Heartbeat(clock, EVERY_20, () => beats.push(`second ${clock.now()}`));
  clock.advance(33);
  expect(beats).toEqual(['first 20', 'second 20', 'first 40', 'second 40']);
  first.stop();
  second.stop();
});

test('a timer that comes early is one beat', () => {
  const clock = new (class extends ManualClock {
    override setTimer(callback: () => void, delay: number): ReturnType<ManualClock['setTimer']> {
      return super.setTimer(callback, delay - 0.5);
    }
  })();
  const beats: number[] = [];
  const heartbeat = new Heartbeat(clock, EVERY_20, (lateness) => beats.push(lateness));
  clock.advance(100);
  expect(beats).toEqual([0, 0, 0, 0, 0]);
  heartbeat.stop();
});

test('after stop there is no beat and no timer', () => {
  const clock = new ManualClock();
  let beats = 0;
  const heartbeat = new Heartbeat(clock, EVERY_20, () => beats++);
  clock.advance(50);
  heartbeat.stop();
  clock.advance(1000);
  expect(beats).toBe(2);
  expect(clock.pendingTimers).toBe(0);
});

test('it may be stopped from within a beat', () => {
  const clock = new ManualClock();
  let beats = 0;
  const heartbeat = new Heartbeat(clock, EVERY_20, () => {
    beats++;
    heartbeat.stop();
  });
  clock.advance(1000);
  expect(beats).toBe(1);
});

test('it does not keep the process alive', () => {
  const clock = new ManualClock();
  const heartbeat = new Heartbeat(clock, EVERY_20, () => undefined);
  expect(clock.keepAliveTimers).toBe(0);
  heartbeat.stop();
});

test('while the loop does nothing it beats more seldom', () => {
  const clock = new ManualClock();
  const beats: number[] = [];
  let isBusy = false;
  const heartbeat = new Heartbeat(
    clock,
    { busy: 20, idle: 100 },
    () => beats.push(clock.now()),
    () => isBusy,
  );
  clock.advance(250);
  isBusy = true;
  clock.advance(100);
  expect(beats).toEqual([20, 100, 200, 300, 320, 340]);
  heartbeat.stop();
});

test('by itself it takes a loop that works for a busy one', async () => {
  const beats: number[] = [];
  const heartbeat = new Heartbeat(systemClock, { busy: 1, idle: 3_600_000 }, () => beats.push(1));
  await vi.waitFor(
    () => {
      const until = performance.now() + 5;
      while (performance.now() < until);
      expect(beats.length).toBeGreaterThan(5);
    },
    { timeout: 15_000, interval: 1 },
  );
  heartbeat.stop();
});
