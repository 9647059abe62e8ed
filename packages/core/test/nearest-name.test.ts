import { describe, expect, test } from 'vitest';
import { nearestName } from '../src/nearest-name.ts';

const NAMES = ['name', 'ttl', 'slidingTtl', 'staleIfError', 'stores', 'storeTimeout', 'maxEntries'];

describe('the name that was probably meant', () => {
  test.each([
    ['tll', 'ttl'],
    ['tlt', 'ttl'],
    ['TTL', 'ttl'],
    ['store', 'stores'],
    ['storeTimout', 'storeTimeout'],
    ['sldingTtl', 'slidingTtl'],
    ['maxEntires', 'maxEntries'],
    ['staleOnError', 'staleIfError'],
  ])('for %s is %s', (given, meant) => {
    expect(nearestName(given, NAMES)).toBe(meant);
  });

  test.each(['', 'x', 'timeout', 'constructor', 'x'.repeat(100_000)])('for %s is none', (given) => {
    expect(nearestName(given, NAMES)).toBeUndefined();
  });
});
