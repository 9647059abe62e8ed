import { expect, test } from 'vitest';
import { cellsOf, HitRatios } from '../../src/hit/hit-ratios.ts';

const traces = [
  { name: 'one', title: '', capacities: [1, 2], recorded: true },
  { name: 'two', title: '', capacities: [1], recorded: true },
];
const cells = cellsOf(traces);
const run = { policy: 'lru', seed: 1, weighted: false };
const one = { ...run, trace: 'one', capacities: [1, 2], hits: [10, 20], accesses: 100 };
const two = { ...run, trace: 'two', capacities: [1], hits: [9], accesses: 10 };

test('every cell counts the same, whatever the length of its trace', () => {
  expect(new HitRatios([one, two]).mean('lru', cells, 1)).toBeCloseTo(40);
});

test('no mean is taken over less than all cells', () => {
  expect(new HitRatios([one]).mean('lru', cells, 1)).toBeUndefined();
  expect(new HitRatios([one]).percent('lru', { trace: 'one', capacity: 2 }, 1)).toBe(20);
});

test('seeds and weighted runs are kept apart', () => {
  const weighted = { ...one, weighted: true, seed: 2, hits: [1, 2] };
  const ratios = new HitRatios([one, weighted]);
  const cell = { trace: 'one', capacity: 1 };
  expect(ratios.hits('lru', cell, 1)).toBe(10);
  expect(ratios.hits('lru', cell, 2, true)).toBe(1);
  expect(ratios.hits('lru', cell, 2)).toBeUndefined();
  expect(ratios.seeds('lru')).toEqual([1]);
  expect(ratios.seeds('lru', true)).toEqual([2]);
});
