import { isDeepStrictEqual } from 'node:util';
import { ManualClock, seededRandom } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CacheFullError } from '../../src/errors.ts';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';
import type { MemoryCachePolicy } from '../../src/memory/memory-cache-options.ts';
import type { MemoryCache, RemovalReason } from '../../src/memory/memory-cache.ts';
import { ModelCache, type ModelOptions, type ModelSet } from './model-cache.ts';
import { SEED } from './model-policy.ts';

type Step =
  | { readonly do: 'get' | 'peek' | 'delete'; readonly key: number }
  | {
      readonly do: 'set';
      readonly key: number;
      readonly weight: number;
      readonly ttl: number | undefined;
      readonly slidingTtl: number | undefined;
    }
  | { readonly do: 'advance'; readonly by: number }
  | { readonly do: 'clear'; readonly which: 'all' | 'expired' }
  | { readonly do: 'invalidate'; readonly modulus: number }
  | { readonly do: 'resize'; readonly maxEntries: number; readonly maxBytes: number };

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo', 'ttl'] as const;

const key = fc.integer({ min: 0, max: 14 });
const time = fc.option(fc.constantFrom(1, 5, 20, 40, Infinity), { nil: undefined });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('get' as const), key }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      key,
      weight: fc.integer({ min: 0, max: 12 }),
      ttl: time,
      slidingTtl: time,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('peek' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      by: fc.integer({ min: 1, max: 15 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('clear' as const),
      which: fc.constantFrom('all' as const, 'expired' as const, 'expired' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('invalidate' as const),
      modulus: fc.integer({ min: 2, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('resize' as const),
      maxEntries: fc.integer({ min: 1, max: 10 }),
      maxBytes: fc.integer({ min: 5, max: 40 }),
    }),
  },
);

interface Pair {
  readonly cache: MemoryCache<number, number>;
  readonly model: ModelCache;
  readonly clock: ManualClock;
  readonly options: ModelOptions;
  readonly weighed: boolean;
}

function apply(
  { cache, model, clock, weighed }: Pair,
  one: Step,
  value: number,
): [unknown, unknown] {
  switch (one.do) {
    case 'get':
      return [cache.get(one.key), model.get(one.key)];
    case 'peek':
      return [
        [cache.peek(one.key), cache.has(one.key)],
        [model.peek(one.key), model.peek(one.key) !== undefined],
      ];
    case 'delete':
      return [cache.delete(one.key), model.delete(one.key)];
    case 'set': {
      const weight = weighed ? one.weight : 0;
      return [
        outcome(() =>
          cache.set(one.key, value, {
            weight,
            ...(one.ttl === undefined ? {} : { ttl: one.ttl }),
            ...(one.slidingTtl === undefined ? {} : { slidingTtl: one.slidingTtl }),
          }),
        ),
        model.set(one.key, value, weight, one.ttl, one.slidingTtl),
      ];
    }
    case 'advance':
      clock.advance(one.by);
      model.now += one.by;
      return [0, 0];
    case 'clear':
      return [cache.clear(one.which), model.clear(one.which)];
    case 'invalidate': {
      const matches = (held: number): boolean => held % one.modulus === 0;
      return [cache.invalidateWhere(matches), model.invalidateWhere(matches)];
    }
    default: {
      const { maxEntries } = one;
      const maxBytes = weighed ? one.maxBytes : Infinity;
      const resized = outcome(() => {
        cache.resize(weighed ? { maxEntries, maxBytes } : { maxEntries });
        return 'resized';
      });
      return [resized, model.resize(maxEntries, maxBytes)];
    }
  }
}

function outcome(set: () => boolean | 'resized'): ModelSet | 'resized' {
  try {
    const result = set();
    return result === true ? 'stored' : result === false ? 'refused' : result;
  } catch (error) {
    if (error instanceof CacheFullError) return 'full';
    throw error;
  }
}

/** The laws that statistics obey whatever happened. */
function laws(cache: MemoryCache<number, number>): Record<string, boolean> {
  const stats = cache.stats();
  const gone = stats.deletes + stats.evictions + stats.expirations + stats.cleared;
  return {
    'size = inserts - removals': stats.size === stats.inserts - gone,
    'sets = inserts + updates + refused':
      stats.sets === stats.inserts + stats.updates + stats.refused,
    'size is bounded': stats.size <= stats.maxEntries,
    'bytes are bounded': stats.bytes <= stats.maxBytes,
  };
}
const KEPT = {
  'size = inserts - removals': true,
  'sets = inserts + updates + refused': true,
  'size is bounded': true,
  'bytes are bounded': true,
};

/** As `toEqual`, which is slow, but only where it would fail. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** When an expired entry goes, if it need not go at once, is not defined for `ttl`. */
function visible(
  removed: readonly (readonly [number, number, RemovalReason])[],
  policy: MemoryCachePolicy,
  ordered: boolean,
): readonly (readonly [number, number, RemovalReason])[] {
  const seen =
    policy === 'ttl'
      ? removed.filter(([, , reason]) => reason !== 'expired' && reason !== 'cleared')
      : removed;
  return ordered ? seen : seen.toSorted(([a], [b]) => a - b);
}

interface World extends Pair {
  readonly removed: (readonly [number, number, RemovalReason])[];
}

function setUp(options: ModelOptions): World {
  const { maxBytes, ...rest } = options;
  const weighed = maxBytes !== Infinity;
  const clock = new ManualClock();
  const cache = createMemoryCache<number, number>({
    ...rest,
    ...(weighed ? { maxBytes } : {}),
    clock,
    sweepInterval: false,
    seed: SEED,
  });
  const removed: [number, number, RemovalReason][] = [];
  cache.on('remove', ({ key, value, reason }) => {
    removed.push([key, value, reason]);
  });
  return { cache, model: new ModelCache(options), clock, options, weighed, removed };
}

/** Does the step to both, and compares what came back and what left. */
function expectSameStep(world: World, one: Step, value: number): void {
  const { removed, model, options } = world;
  const { policy } = options;
  const [actual, expected] = apply(world, one, value);
  if (policy !== 'ttl' || one.do !== 'clear') expectSame(actual, expected);
  const ordered = one.do === 'set' || one.do === 'resize';
  expectSame(
    visible(removed.splice(0), policy, ordered),
    visible(model.removed.splice(0), policy, ordered),
  );
}

/** Compares everything that can be seen from outside. */
function expectSameState({ cache, model, options }: World): void {
  expectSame([...cache.entries()], model.live());
  expectSame(laws(cache), KEPT);
  if (options.policy === 'ttl') return;
  expectSame({ ...cache.stats(), ...model.counts }, cache.stats());
  expectSame(cache.bytes, model.bytes);
}

describe.each(POLICIES)('a memory cache with the policy %s', (policy) => {
  test.each([
    ['entries', false],
    ['entries and bytes', true],
  ])('bounded in %s does what a naive model does', (_bounds, weighed) => {
    fc.assert(
      fc.property(
        fc.record({
          maxEntries: fc.integer({ min: 1, max: 10 }),
          maxBytes: weighed ? fc.integer({ min: 5, max: 40 }) : fc.constant(Infinity),
          ttl: fc.constantFrom(Infinity, 10, 30),
          slidingTtl: fc.constantFrom(Infinity, Infinity, 7),
        }),
        fc.array(step, { minLength: 20, maxLength: 120 }),
        (bounds, steps) => {
          const world = setUp({ policy, ...bounds });
          for (const [i, one] of steps.entries()) {
            expectSameStep(world, one, i);
            expectSameState(world);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

// What is asked for: loops, hot keys, and keys that come once, in phases of some hundred steps.
function* workload(random: () => number, weighed: boolean): Generator<Step> {
  const below = (bound: number): number => Math.floor(random() * bound);
  for (let phase = 0; ; phase++) {
    const spread = 20 + below(150);
    const kind = below(3);
    const rare = below(3) === 0 ? 0.03 : 0.002;
    for (let i = 0; i < 400; i++) {
      const key =
        kind === 0
          ? i % spread
          : kind === 1
            ? Math.floor(spread ** random())
            : 1000 * phase + i - below(20);
      if (random() > rare) {
        yield { do: 'get', key };
        const weight = below(6);
        const ttl = below(10) === 0 ? 1 + below(200) : undefined;
        const slidingTtl = below(20) === 0 ? 1 + below(100) : undefined;
        yield { do: 'set', key, weight, ttl, slidingTtl };
        continue;
      }
      yield { do: 'delete', key };
      yield { do: 'advance', by: 1 + below(20) };
      yield { do: 'invalidate', modulus: 5 + below(50) };
      if (below(4) === 0) yield { do: 'clear', which: below(8) === 0 ? 'all' : 'expired' };
      if (below(4) === 0) {
        yield { do: 'resize', maxEntries: 1 + below(64), maxBytes: weighed ? 10 + below(200) : 0 };
      }
    }
  }
}

// Long enough, and large enough, for `adaptive` to steer by its shadows, and for them to rest.
describe.each(POLICIES.filter((policy) => policy !== 'ttl'))(
  'over thousands of steps a memory cache with the policy %s',
  (policy) => {
    test.each([
      ['entries', false],
      ['entries and bytes', true],
    ])('bounded in %s does what a naive model does', (_bounds, weighed) => {
      fc.assert(
        fc.property(
          fc.record({
            seed: fc.integer(),
            maxEntries: fc.integer({ min: 20, max: 64 }),
            maxBytes: weighed ? fc.integer({ min: 60, max: 200 }) : fc.constant(Infinity),
          }),
          fc.integer({ min: 100, max: 5000 }),
          ({ seed, ...bounds }, length) => {
            const world = setUp({ policy, ttl: Infinity, slidingTtl: Infinity, ...bounds });
            let i = 0;
            for (const one of workload(seededRandom(seed), weighed)) {
              // A caller sets only what it did not get, and now and then what it did.
              if (one.do === 'set' && i % 7 > 0 && world.model.peek(one.key) !== undefined)
                continue;
              expectSameStep(world, one, i);
              if (i % 100 === 0) expectSameState(world);
              if (++i === length) break;
            }
            expectSameState(world);
          },
        ),
        { numRuns: 12 },
      );
    });
  },
);
