import { expect, test } from 'vitest';
import { lengthWithout } from '../../src/memory/stall.ts';

const interval = { start: 10, end: 20 };

test.each([
  ['none', [], 10],
  ['one that lies apart', [{ start: 20, end: 30 }], 10],
  ['one inside', [{ start: 12, end: 15 }], 7],
  [
    'one that begins before and one that ends after',
    [
      { start: 5, end: 11 },
      { start: 18, end: 40 },
    ],
    7,
  ],
  ['one around it', [{ start: 0, end: 40 }], 0],
])('a stall is as long as it is without collections: %s', (_, collections, length) => {
  expect(lengthWithout(interval, collections)).toBe(length);
});
