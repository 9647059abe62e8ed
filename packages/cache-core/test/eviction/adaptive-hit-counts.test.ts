import { countHits, loopTrace, scanTrace, shiftTrace, zipfTrace, type Trace } from '@perf/traces';
import { describe, expect, test } from 'vitest';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';

// The counts are those of an independent implementation. Whoever changes the policy on purpose changes
// them too, and says by how much.
describe.each<{
  readonly name: string;
  readonly make: () => Trace;
  readonly cells: readonly (readonly [capacity: number, hits: number])[];
}>([
  {
    name: 'a loop',
    make: loopTrace,
    cells: [
      [750, 64_061],
      [1500, 114_440],
      [2500, 182_219],
    ],
  },
  {
    name: 'scans',
    make: scanTrace,
    cells: [
      [1000, 473_733],
      [5000, 573_311],
      [20_000, 641_480],
    ],
  },
  {
    name: 'shifts',
    make: shiftTrace,
    cells: [
      [1000, 568_359],
      [5000, 673_194],
      [20_000, 776_992],
    ],
  },
  {
    name: 'steady',
    make: zipfTrace,
    cells: [
      [1000, 417_219],
      [5000, 551_482],
      [20_000, 672_334],
    ],
  },
])('on the synthetic trace $name', ({ make, cells }) => {
  const trace = make();

  test.each(cells)('adaptive with %d entries and the seed 0 has exactly %d hits', (size, hits) => {
    const cache = createMemoryCache<number, true>({ maxEntries: size, seed: 0 });
    expect(countHits(trace, cache)).toBe(hits);
  });
});

test.each(['adaptive', 's3fifo'] as const)(
  '%s hits as often when a bound in bytes is given that is never reached',
  (policy) => {
    const trace = loopTrace();
    const hits = (bounds: { readonly maxBytes?: number }): number =>
      countHits(
        trace,
        createMemoryCache<number, true>({
          policy,
          maxEntries: 1500,
          seed: 0,
          ...bounds,
          ...('maxBytes' in bounds ? { weigh: () => 100 } : {}),
        }),
      );
    expect(hits({ maxBytes: 2 ** 30 }) / hits({})).toBeGreaterThan(0.98);
  },
);

test.each([4, 5, 8, 13, 21, 31])(
  'a cache of %d entries hits what comes back soon, and a loop that is longer than it',
  (maxEntries) => {
    const workloads: readonly ((i: number) => number)[] = [
      (i) => (i % 2 === 0 ? i / 2 : Math.floor(i / 2) - Math.floor(maxEntries * 0.3)),
      (i) => i % Math.ceil(maxEntries * 1.3),
    ];
    const [recent, loop] = workloads.map((keyOf) => {
      const trace = Uint32Array.from({ length: 20_000 }, (_, i) => 100 + keyOf(i));
      const cache = createMemoryCache<number, true>({ maxEntries, seed: 0 });
      return countHits(trace, cache) / trace.length;
    });
    expect(recent).toBeGreaterThan(0.45);
    expect(loop).toBeGreaterThan(0.45);
  },
);
