import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { Heartbeat } from '../../src/signals/heartbeat.ts';

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
  const heartbeat = new Heartbeat(clock, 20, (lateness) => beats.push(lateness));
  clock.late = 300;
  clock.advance(20);
  clock.late = 0;
  clock.advance(320);
  clock.advance(20);
  expect(beats).toEqual([0, 300, 0]);
  heartbeat.stop();
});

test('after stop there is no beat and no timer', () => {
  const clock = new ManualClock();
  let beats = 0;
  const heartbeat = new Heartbeat(clock, 20, () => beats++);
  clock.advance(50);
  heartbeat.stop();
  clock.advance(1000);
  expect(beats).toBe(2);
  expect(clock.pendingTimers).toBe(0);
});

test('it may be stopped from within a beat', () => {
  const clock = new ManualClock();
  let beats = 0;
  const heartbeat = new Heartbeat(clock, 20, () => {
    beats++;
    heartbeat.stop();
  });
  clock.advance(1000);
  expect(beats).toBe(1);
});

test('it does not keep the process alive', () => {
  const clock = new ManualClock();
  const heartbeat = new Heartbeat(clock, 20, () => undefined);
  expect(clock.keepAliveTimers).toBe(0);
  heartbeat.stop();
});
