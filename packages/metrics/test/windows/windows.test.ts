import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createRegistry } from '../../src/index.ts';

const MINUTE = 60_000;

test('percentiles are of the time asked for, and leave with it; the total stays', () => {
  const clock = new ManualClock();
  const registry = createRegistry({ clock });
  const histogram = registry.histogram({ name: 'h' });
  for (let minute = 0; minute < 10; minute++) {
    for (let count = 0; count < 100; count++) histogram.observe(minute + 1);
    clock.advance(MINUTE);
  }
  expect(histogram.summary('5m')).toMatchObject({ count: 500, min: 6, max: 10 });
  expect(histogram.summary('1m')).toMatchObject({ count: 100, p50: 10 });
  expect(histogram.summary().count).toBe(1000);
  clock.advance(55 * MINUTE);
  expect(histogram.summary().count).toBe(500);
  clock.advance(10 * MINUTE);
  expect(histogram.summary()).toMatchObject({ count: 0, p99: Number.NaN });
  expect(histogram.count).toBe(1000);
  expect(histogram.total().percentile(0.5)).toBeCloseTo(5, 1);
});

test('a timer runs only while something is of late, and keeps no process alive', () => {
  const clock = new ManualClock();
  const registry = createRegistry({ clock, retention: '10m' });
  const histogram = registry.histogram({ name: 'h' });
  expect(clock.pendingTimers).toBe(0);
  histogram.observe(1);
  expect(clock.pendingTimers).toBe(1);
  expect(clock.keepAliveTimers).toBe(0);
  clock.advance(11 * MINUTE);
  expect(clock.pendingTimers).toBe(0);
  histogram.observe(1);
  expect(histogram.summary('1m').count).toBe(1);
});

test('a timer that is late loses nothing', () => {
  const clock = new ManualClock();
  const registry = createRegistry({ clock, retention: '10m' });
  const histogram = registry.histogram({ name: 'h' });
  histogram.observe(1);
  clock.advance(5 * MINUTE);
  histogram.observe(2);
  expect(histogram.summary('1m')).toMatchObject({ count: 1, min: 2 });
  expect(histogram.summary('9m')).toMatchObject({ count: 2, min: 1 });
});

test('thousands of histograms are moved on in slices', () => {
  const clock = new ManualClock();
  const registry = createRegistry({ clock, retention: '10m', cardinalityLimit: 5000 });
  const histograms = registry.histogram({ name: 'h', labels: ['id'] });
  for (let id = 0; id < 3000; id++) histograms.observe({ id }, id + 1);
  clock.advance(2 * MINUTE);
  const last = histograms.child({ id: 2999 });
  expect(last.summary('1m').count).toBe(0);
  expect(last.summary('5m')).toMatchObject({ count: 1, max: 3000 });
  clock.advance(20 * MINUTE);
  expect(clock.pendingTimers).toBe(0);
});

test('without a retention there is no time of late: asking is an error, and no timer runs', () => {
  const clock = new ManualClock();
  const registry = createRegistry({ clock, retention: 0 });
  const histogram = registry.histogram({ name: 'h' });
  histogram.observe(1);
  expect(clock.pendingTimers).toBe(0);
  expect(histogram.total().count).toBe(1);
  expect(() => histogram.summary()).toThrow('the registry has a retention of 0');
  expect(() =>
    createRegistry()
      .histogram({ name: 'h' })
      .summary('soon' as never),
  ).toThrow(/window/);
});
