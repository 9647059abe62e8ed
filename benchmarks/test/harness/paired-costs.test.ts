import { expect, test } from 'vitest';
import { PairedCosts } from '../../src/harness/paired-costs.ts';

function process(...costs: readonly (readonly [subject: string, value: number])[]) {
  return costs.map(([subject, value]) => ({ subject, workload: 'get', value }));
}

test('a ratio is the median of the ratios within processes, not the ratio of medians', () => {
  const costs = new PairedCosts([
    process(['ours', 1], ['peer', 2]),
    process(['ours', 10], ['peer', 30]),
    process(['ours', 100], ['peer', 400]),
  ]);
  expect(costs.speed('get', 'ours', 'peer')).toEqual({ ours: 10, peer: 30, ratio: 3 });
  expect(costs.time('get', 'ours', 'peer')?.ratio).toBeCloseTo(1 / 3);
  expect(costs.spread('get', 'ours', 'peer')).toEqual([2, 4]);
  expect(costs.cost('get', 'ours')).toBe(10);
});

test('a process in which one of the two is missing counts for neither', () => {
  const costs = new PairedCosts([process(['ours', 1]), process(['ours', 2], ['peer', 4])]);
  expect(costs.speed('get', 'ours', 'peer')).toEqual({ ours: 2, peer: 4, ratio: 2 });
});

test('what was not measured is undefined', () => {
  const costs = new PairedCosts([process(['ours', 1])]);
  expect(costs.speed('get', 'ours', 'peer')).toBeUndefined();
  expect(costs.time('set', 'ours', 'ours')).toBeUndefined();
});

test('two workloads are compared within processes too', () => {
  const costs = new PairedCosts([
    [
      { subject: 'ours', workload: 'await', value: 90 },
      { subject: 'ours', workload: 'sync', value: 30 },
    ],
  ]);
  expect(costs.across(['sync', 'ours'], ['await', 'ours'])?.ratio).toBe(3);
});
