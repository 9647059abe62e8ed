import { expect, test } from 'vitest';
import { takeTurns, type Contestant } from '../../src/harness/turns.ts';

function contestant(subject: string, values: number[], calls: string[] = []): Contestant {
  return {
    subject,
    workload: 'get',
    run: async () => {
      calls.push(subject);
      return values.shift() ?? Number.NaN;
    },
  };
}

test('everybody has a turn in every round, the warm-up included', async () => {
  const calls: string[] = [];
  const contestants = [contestant('a', [], calls), contestant('b', [], calls)];
  await takeTurns(contestants, { warmUp: 1, counted: 2 }, () => 0.999);
  expect(calls).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
});

test('the lower quartile of the rounds after the warm-up counts', async () => {
  const contestants = [contestant('a', [1000, 40, 10, 30, 20, 50])];
  expect(await takeTurns(contestants, { warmUp: 1, counted: 5 }, () => 0)).toEqual([
    { subject: 'a', workload: 'get', value: 20 },
  ]);
});
