import { expect, test } from 'vitest';
import { takeTurns, type Contestant } from '../../src/memory/take-turns.ts';

function contestant(subject: string, calls: string[], warmUp: number): Contestant {
  return {
    subject,
    workload: 'readThrough',
    count: 10,
    warmUp,
    prepare: () => {
      calls.push(`${subject} prepares`);
    },
    run: (step) => {
      calls.push(`${subject} ${step}`);
      return step;
    },
    lookups: () => 10,
  };
}

test('in every round each has a turn of preparation and two steps', () => {
  const calls: string[] = [];
  takeTurns([contestant('a', calls, 0), contestant('b', calls, 0)], 2, () => 0.999);
  const turn = (subject: string, round: number): string[] => [
    `${subject} prepares`,
    `${subject} ${round * 2}`,
    `${subject} ${round * 2 + 1}`,
  ];
  expect(calls).toEqual([...turn('a', 0), ...turn('b', 0), ...turn('a', 1), ...turn('b', 1)]);
});

test('hits count in the timed steps after the longest warm-up', () => {
  const figures = takeTurns([contestant('a', [], 0), contestant('b', [], 3)], 2, () => 0);
  // The timed steps of rounds 3 and 4 are 7 and 9.
  expect(figures.map(({ subject, hits }) => ({ subject, hits }))).toEqual([
    { subject: 'a', hits: 80 },
    { subject: 'b', hits: 80 },
  ]);
});
