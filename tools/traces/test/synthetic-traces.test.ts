import { describe, expect, test } from 'vitest';
import { optimalHits } from '../src/optimum.ts';
import { loopTrace, scanTrace, shiftTrace, zipfTrace } from '../src/synthetic-traces.ts';
import { checksum, countKeys } from '../src/trace.ts';

describe.each([
  { name: 'a loop', make: loopTrace, sum: 'a05ab2d4', capacity: 1500, optimum: 125_799 },
  { name: 'scans', make: scanTrace, sum: 'a498b931', capacity: 5000, optimum: 626_263 },
  { name: 'shifts', make: shiftTrace, sum: '32d29af9', capacity: 5000, optimum: 770_818 },
  { name: 'steady', make: zipfTrace, sum: '17d8b4a1', capacity: 5000, optimum: 631_398 },
])('the synthetic trace $name', ({ make, sum, capacity, optimum }) => {
  const trace = make();

  test('is always the same', () => {
    expect(checksum(trace)).toBe(sum);
  });

  test('numbers its keys in the order in which they first occur', () => {
    let largest = -1;
    for (const key of trace) {
      if (key > largest + 1) expect.fail(`key ${key} occurs before ${largest + 1}`);
      largest = Math.max(largest, key);
    }
    expect(countKeys(trace)).toBe(largest + 1);
  });

  test('has the optimum that another implementation found', () => {
    expect(optimalHits(trace, capacity)).toBe(optimum);
  });
});
