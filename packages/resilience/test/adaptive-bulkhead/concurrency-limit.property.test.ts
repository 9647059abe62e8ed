import { seededRandom } from '@perf/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimitBounds, LimitSample } from '../../src/adaptive-bulkhead/concurrency-limit.ts';
import { aimd, vegas, type ConcurrencyLimit } from '../../src/index.ts';

const makers: readonly [string, (bounds: LimitBounds) => ConcurrencyLimit][] = [
  ['aimd', (bounds) => aimd({ ...bounds, targetTime: 100 })],
  ['vegas', (bounds) => vegas({ ...bounds, random: seededRandom(1), probeEvery: 20 })],
];

const sample: fc.Arbitrary<LimitSample> = fc.record({
  time: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  inFlight: fc.nat(2000),
  overloaded: fc.nat(3),
});

const bounds = fc
  .tuple(fc.integer({ min: 1, max: 500 }), fc.nat(500), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([minLimit, width, at]) => ({
    minLimit,
    maxLimit: minLimit + width,
    initialLimit: minLimit + Math.floor(width * at),
  }));

describe.each(makers)('%s', (_, make) => {
  it('is a whole number within its bounds, whatever the samples tell', () => {
    fc.assert(
      fc.property(bounds, fc.array(sample, { maxLength: 200 }), (given, samples) => {
        const algorithm = make(given);
        expect(algorithm.limit).toBe(given.initialLimit);
        for (const one of samples) {
          algorithm.update(one);
          expect(Number.isSafeInteger(algorithm.limit)).toBe(true);
          expect(algorithm.limit).toBeGreaterThanOrEqual(given.minLimit);
          expect(algorithm.limit).toBeLessThanOrEqual(given.maxLimit);
        }
      }),
    );
  });

  it('falls to its bound under a lasting overload, and rises again after it', () => {
    const algorithm = make({ minLimit: 2, maxLimit: 100, initialLimit: 100 });
    for (let round = 0; round < 200; round++) {
      algorithm.update({ time: undefined, inFlight: algorithm.limit, overloaded: 5 });
    }
    expect(algorithm.limit).toBe(2);
    for (let round = 0; round < 300; round++) {
      algorithm.update({ time: 10, inFlight: algorithm.limit, overloaded: 0 });
    }
    expect(algorithm.limit).toBeGreaterThanOrEqual(50);
  });

  it('does not rise while less than half of it is used', () => {
    const algorithm = make({ initialLimit: 20 });
    for (let round = 0; round < 300; round++) {
      algorithm.update({ time: 10, inFlight: 9, overloaded: 0 });
    }
    expect(algorithm.limit).toBe(20);
  });

  it.each([
    ['minLimit', { minLimit: 0 }],
    ['minLimit', { minLimit: 1.5 }],
    ['maxLimit', { maxLimit: Number.NaN }],
    ['maxLimit', { maxLimit: Infinity }],
    ['maxLimit', { minLimit: 10, maxLimit: 9 }],
    ['initialLimit', { initialLimit: 0 }],
    ['initialLimit', { maxLimit: 10, initialLimit: 11 }],
    ['initial', { initial: 11 }],
  ])('refuses %s: %o', (option, given) => {
    expect(() => make(given as LimitBounds)).toThrow(option);
  });
});

describe('options of one algorithm', () => {
  it.each([
    ['aimd.backoff', () => aimd({ backoff: 0.4 })],
    ['aimd.backoff', () => aimd({ backoff: 1 })],
    ['aimd.backoff', () => aimd({ backoff: Number.NaN })],
    ['aimd.targetTime', () => aimd({ targetTime: 0 })],
    ['vegas.probeEvery', () => vegas({ probeEvery: 0 })],
    ['vegas.random', () => vegas({ random: 4 as never })],
  ])('%s is refused', (option, make) => {
    expect(make).toThrow(option);
  });
});

describe('aimd', () => {
  it('takes one more after each good sample, and a tenth less after a slow one', () => {
    const algorithm = aimd({ initialLimit: 20, targetTime: 100 });
    algorithm.update({ time: 100, inFlight: 10, overloaded: 0 });
    expect(algorithm.limit).toBe(21);
    algorithm.update({ time: 101, inFlight: 10, overloaded: 0 });
    expect(algorithm.limit).toBe(18);
  });
});

describe('vegas', () => {
  it('halves its limit for four samples to measure, and learns that the service has become slower', () => {
    const algorithm = vegas({ initialLimit: 40, probeEvery: 10, random: () => 0.5 });
    const limits: number[] = [];
    const update = (time: number): void => {
      algorithm.update({ time, inFlight: algorithm.limit, overloaded: 0 });
      limits.push(algorithm.limit);
    };
    // So few queue that the limit stays.
    for (let round = 0; round < 10; round++) update(round === 0 ? 10 : 10.9);
    const full = limits.at(-2) ?? 0;
    expect(limits.at(-1)).toBe(Math.floor(full / 2));
    update(10.9);
    for (let round = 0; round < 3; round++) update(30);
    expect(algorithm.limit).toBe(full);
    // 30 ms is what an unloaded call takes now: the limit may rise.
    update(30);
    expect(algorithm.limit).toBeGreaterThan(full);
  });

  it('measures as soon as its limit has fallen to half: the service may have become slower', () => {
    const algorithm = vegas({ initialLimit: 100, probeEvery: 10_000, random: () => 0.5 });
    const update = (time: number): void => {
      algorithm.update({ time, inFlight: algorithm.limit, overloaded: 0 });
    };
    for (let round = 0; round < 50; round++) update(10);
    let lowest = Infinity;
    for (let round = 0; round < 200; round++) {
      // Three times as slow, however few run.
      update(30);
      lowest = Math.min(lowest, algorithm.limit);
    }
    expect(lowest).toBeGreaterThan(15);
    expect(algorithm.limit).toBeGreaterThan(200);
  });
});
