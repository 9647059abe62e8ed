import { expect, test } from 'vitest';
import { SpeedMeasurement } from '../../src/memory/speed-measurement.ts';
import type { SpeedFigure } from '../../src/memory/speed.ts';

function figure(subject: string, nanoseconds: number, hits?: number): SpeedFigure {
  const workload = 'readThrough';
  return { subject, workload, nanoseconds, ...(hits === undefined ? {} : { hits }) };
}

const measurement = new SpeedMeasurement(
  new Map([
    [
      'plain',
      [
        [figure('lru', 50, 72), figure('peer', 50, 71)],
        [figure('lru', 20, 70), figure('peer', 60, 71)],
        [figure('lru', 40, 74), figure('peer', 80, 71)],
        // A process in which one is missing says nothing about the two.
        [figure('peer', 1, 71)],
      ],
    ],
  ]),
);

test('the ratio is the median of the ratios in single processes, not that of medians', () => {
  expect(measurement.compare('plain', 'readThrough', 'lru', 'peer')).toEqual({
    ours: 40,
    peer: 60,
    ratio: 2,
    hit: { ours: 70, peer: 71 },
  });
});

test('the spread is that of single processes', () => {
  expect(measurement.spread('plain', 'readThrough', 'lru', 'peer')).toEqual([1, 3]);
});

test('who was not measured is compared with nobody', () => {
  expect(measurement.compare('plain', 'readThrough', 'sieve', 'peer')).toBeUndefined();
  expect(measurement.compare('ttl', 'readThrough', 'lru', 'peer')).toBeUndefined();
  expect(measurement.compare('plain', 'getHit', 'lru', 'peer')).toBeUndefined();
  expect(measurement.subjects('plain', 'readThrough')).toEqual(['lru', 'peer']);
});
