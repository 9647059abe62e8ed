import { expect, it } from 'vitest';
import { confusionTable, rightShare } from '../../../src/metrics/diagnosis/confusion.ts';

const EXPECTED = { healthy: 'healthy', leak: 'memory-leak' };
const JUDGED = [
  { fault: 'healthy', verdict: 'healthy' },
  { fault: 'leak', verdict: 'memory-leak' },
  { fault: 'leak', verdict: 'memory-leak' },
  { fault: 'leak', verdict: 'healthy' },
  { fault: 'leak', verdict: 'gc-pressure' },
];

it('the table has a row for each fault, and a column for each verdict that was given', () => {
  expect(confusionTable(JUDGED, EXPECTED)).toEqual([
    ['', 'healthy', 'memory-leak', 'gc-pressure'],
    ['healthy', '1', '·', '·'],
    ['leak', '1', '2', '1'],
  ]);
});

it('the share of right verdicts is that of the faults asked for', () => {
  expect(rightShare(JUDGED, EXPECTED, ['leak'])).toBe(0.5);
  expect(rightShare(JUDGED, EXPECTED, ['healthy'])).toBe(1);
  expect(rightShare([], EXPECTED, ['leak'])).toBeNaN();
});
