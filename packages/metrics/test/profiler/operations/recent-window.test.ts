import { expect, test } from 'vitest';
import { RecentWindow } from '../../../src/profiler/operations/recent-window.ts';

test('percentiles are at most 1.1 % off', () => {
  const window = new RecentWindow(0);
  for (let took = 1; took <= 1000; took++) window.add(took, false, took);
  const { p50, p95, p99, mean, max } = window.read(1000);
  expect(Math.abs(p50 / 500 - 1)).toBeLessThan(0.011);
  expect(Math.abs(p95 / 950 - 1)).toBeLessThan(0.011);
  expect(Math.abs(p99 / 990 - 1)).toBeLessThan(0.011);
  expect(mean).toBe(500.5);
  expect(max).toBe(1000);
});

test('how many ended each second is told for the time that is covered', () => {
  const window = new RecentWindow(0);
  for (let one = 0; one < 100; one++) window.add(1, one < 7, 10_000);
  expect(window.read(20_000)).toMatchObject({
    duration: 20_000,
    count: 100,
    errors: 7,
    perSecond: 5,
  });
});

test('when nothing ends any more, nothing is recent', () => {
  const window = new RecentWindow(0);
  window.add(5, true, 0);
  expect(window.read(61_000).count).toBe(1);
  expect(window.read(121_000)).toMatchObject({ count: 0, errors: 0, perSecond: 0 });
  expect(window.read(1e9)).toMatchObject({ count: 0, p50: Number.NaN });
});
