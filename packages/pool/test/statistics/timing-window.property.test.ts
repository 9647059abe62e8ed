import { ManualClock } from '@perf/core/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimingWindow } from '../../src/statistics/timing-window.ts';

const times = fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
});

test('percentiles are those of a sorted array, at most an eighth too high', () => {
  fc.assert(
    fc.property(times, fc.nat(50), (values, zeroes) => {
      const window = new TimingWindow(new ManualClock());
      for (const value of values) window.add(value);
      for (let i = 0; i < zeroes; i++) window.addZero();
      const sorted = [...Array.from({ length: zeroes }, () => 0), ...values].toSorted(
        (a, b) => a - b,
      );
      const { count, p50, p95, p99, max } = window.read();
      expect(count).toBe(sorted.length);
      expect(max).toBe(sorted.at(-1));
      for (const [part, got] of [
        [0.5, p50],
        [0.95, p95],
        [0.99, p99],
      ] as const) {
        const exact = sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
        expect(got).toBeGreaterThanOrEqual(exact);
        expect(got).toBeLessThanOrEqual(exact * 1.125);
      }
    }),
  );
});

test('what is more than two minutes old is forgotten, the count is not', () => {
  const clock = new ManualClock();
  const window = new TimingWindow(clock);
  window.add(100);
  window.addZero();
  expect(window.read()).toMatchObject({ count: 2, max: 100 });
  clock.advance(60_000);
  window.add(7);
  expect(window.read()).toMatchObject({ count: 3, max: 100 });
  clock.advance(60_000);
  expect(window.read()).toMatchObject({ count: 3, max: 7, p99: 7 });
  clock.advance(60_000);
  expect(window.read()).toEqual({ count: 3, p50: 0, p95: 0, p99: 0, max: 0 });
});

test('after a long silence nothing old is left', () => {
  const clock = new ManualClock();
  const window = new TimingWindow(clock);
  window.add(100);
  clock.advance(300_000);
  expect(window.read()).toMatchObject({ count: 1, max: 0 });
  window.add(Number.MAX_VALUE);
  window.add(0);
  expect(window.read()).toMatchObject({ count: 3, max: Number.MAX_VALUE });
});
