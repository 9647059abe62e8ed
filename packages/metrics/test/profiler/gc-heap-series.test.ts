import { expect, test } from 'vitest';
import { GcHeapSeries } from '../../src/profiler/gc-heap-series.ts';

test('points of the same second are one, the lowest', () => {
  const series = new GcHeapSeries();
  series.add(10_000, 50);
  series.add(10_400, 30);
  series.add(10_900, 40);
  series.add(11_000, 60);
  const { times, values } = series.read();
  expect([...times]).toEqual([10_000, 11_000]);
  expect([...values]).toEqual([30, 60]);
});

test('the last thousand points are kept', () => {
  const series = new GcHeapSeries();
  for (let second = 0; second < 5000; second++) series.add(second * 1000, second);
  const { times, values } = series.read();
  expect(times).toHaveLength(1000);
  expect(values[0]).toBe(4000);
  expect(values.at(-1)).toBe(4999);
});

test('a wall clock that is set back begins a new point', () => {
  const series = new GcHeapSeries();
  series.add(50_000, 1);
  series.add(10_000, 2);
  expect([...series.read().times]).toEqual([50_000, 10_000]);
});
