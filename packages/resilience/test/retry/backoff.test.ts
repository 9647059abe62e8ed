import { seededRandom } from '@perf/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffSource, type Backoff } from '../../src/retry/backoff.ts';

function delays(
  backoff: Backoff,
  count: number,
  random = (): number => 0.5,
): (number | undefined)[] {
  const next = backoffSource('backoff', backoff, random)();
  return Array.from({ length: count }, next);
}

test.each<[Backoff, (number | undefined)[]]>([
  [{ kind: 'constant', base: 50, jitter: 'none' }, [50, 50, 50]],
  [{ kind: 'linear', base: 50, jitter: 'none' }, [50, 100, 150]],
  [{ base: 50, jitter: 'none', max: 150 }, [50, 100, 150, 150]],
  [{ base: 50, factor: 3, jitter: 'none' }, [50, 150, 450]],
  [{ base: '1s' }, [500, 1000, 2000, 4000, 5000, 5000]],
  [{ base: 100, jitter: 'equal' }, [75, 150, 300]],
  [{ kind: 'decorrelated', base: 100, max: 300 }, [200, 300, 300]],
  [{ base: 0 }, [0, 0]],
  [
    ['1s', 5],
    [1000, 5, undefined, undefined],
  ],
])('%o waits %o', (backoff, expected) => {
  expect(delays(backoff, expected.length)).toEqual(expected);
});

test('no wait is above its maximum, none with jitter above the same without, and decorrelated ones are never below the base', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 500, max: 5000 }),
      (seed, base, max) => {
        const random = seededRandom(seed);
        const plain = delays({ base, max, jitter: 'none' }, 2000) as number[];
        for (const jitter of ['full', 'equal'] as const) {
          for (const [at, delay] of (
            delays({ base, max, jitter }, 2000, random) as number[]
          ).entries()) {
            const most = plain[at] as number;
            expect(
              delay >= (jitter === 'equal' ? most / 2 : 0) && delay <= most && most <= max,
            ).toBe(true);
          }
        }
        for (const delay of delays({ kind: 'decorrelated', base, max }, 2000, random) as number[]) {
          expect(delay >= base && delay <= max).toBe(true);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('what is wrong in an iterable that is no array is refused when it comes', () => {
  function* odd(): Generator<number> {
    yield 5;
    yield Number.NaN;
  }
  const next = backoffSource('retry.backoff', { [Symbol.iterator]: odd }, Math.random)();
  expect(next()).toBe(5);
  expect(next).toThrow('retry.backoff must be a duration');
});
