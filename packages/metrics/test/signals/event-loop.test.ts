import { expect, test } from 'vitest';
import { EventLoopReadings } from '../../src/signals/event-loop.ts';

test('a reading has the delays since the one before', () => {
  const readings = new EventLoopReadings();
  for (const delay of [1, 2, 3, 4, 300]) readings.add(delay);
  const first = readings.read();
  expect(first).toMatchObject({ min: 1, mean: 62, max: 300, p99: 300 });
  expect(first.p50).toBeCloseTo(3, 1);
  expect(first.stddev).toBeCloseTo(119, 0);
  readings.add(5);
  expect(readings.read()).toMatchObject({ min: 5, max: 5, mean: 5, p50: 5, stddev: 0 });
});

test('without a delay since then, nothing is known but the utilization', () => {
  const reading = new EventLoopReadings().read();
  expect(reading.max).toBeNaN();
  expect(reading.p50).toBeNaN();
  expect(reading.stddev).toBeNaN();
  expect(reading.utilization).toBeGreaterThanOrEqual(0);
});
