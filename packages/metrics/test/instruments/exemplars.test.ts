import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createRegistry } from '../../src/index.ts';

test('labels of what is going on are asked for seldom, and for what stands out', () => {
  let asked = 0;
  const registry = createRegistry({
    clock: new ManualClock(),
    exemplar: () => ({ trace_id: String(++asked) }),
  });
  const histogram = registry.histogram({ name: 'h' });
  histogram.observe(1);
  for (let count = 0; count < 640; count++) histogram.observe(0.5);
  expect(asked).toBeLessThan(15);
  histogram.observe(100);
  const [metric] = registry.snapshot().metrics;
  expect(metric?.exemplars?.[0]?.map(({ value }) => value)).toEqual([0.5, 1, 100]);
});

test('one that throws, or knows nothing, harms nobody', () => {
  const registry = createRegistry({
    exemplar: () => {
      throw new Error('no context');
    },
  });
  const histogram = registry.histogram({ name: 'h' });
  histogram.observe(1);
  expect(histogram.count).toBe(1);
});

test('exemplars are bounded: one for each power of two, the largest sixteen', () => {
  const registry = createRegistry();
  const histogram = registry.histogram({ name: 'h' });
  for (let power = 0; power < 40; power++) histogram.observe(2 ** power, { power });
  const [metric] = registry.snapshot().metrics;
  expect(metric?.exemplars?.[0]?.map(({ value }) => Math.log2(value))).toEqual(
    Array.from({ length: 16 }, (_, at) => at + 24),
  );
});
