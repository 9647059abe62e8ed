import { isDeepStrictEqual } from 'node:util';
import { ManualClock } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemoryCache } from '../../../src/memory/memory-cache.ts';
import { shardedCache } from '../sharded-cache.ts';

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo'] as const;

type Step =
  | { readonly do: 'get' | 'delete'; readonly key: number }
  | {
      readonly do: 'set';
      readonly key: number;
      readonly weight: number;
      readonly ttl: number | undefined;
    }
  | { readonly do: 'advance' }
  | { readonly do: 'spread'; readonly shards: number }
  | { readonly do: 'clear'; readonly which: 'all' | 'expired' }
  | { readonly do: 'invalidate'; readonly modulus: number }
  | { readonly do: 'resize'; readonly maxEntries: number; readonly maxBytes: number };

const key = fc.integer({ min: 0, max: 59 });
function of<Name extends string>(...names: Name[]): fc.Arbitrary<Name> {
  return fc.constantFrom(...names);
}
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ do: of('get'), key }) },
  {
    weight: 20,
    arbitrary: fc.record({
      do: of('set'),
      key,
      weight: fc.integer({ min: 0, max: 30 }),
      ttl: fc.option(fc.constantFrom(3, 30), { nil: undefined, freq: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: of('delete'), key }) },
  { weight: 2, arbitrary: fc.record({ do: of('advance') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: of('spread'), shards: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: of('clear'), which: of('all', 'expired', 'expired') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: of('invalidate'), modulus: fc.integer({ min: 3, max: 9 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: of('resize'),
      maxEntries: fc.integer({ min: 1, max: 30 }),
      maxBytes: fc.integer({ min: 10, max: 100 }),
    }),
  },
);

/** As `toEqual`, which is slow, but only where it would fail. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

function sorted(entries: Iterable<[number, number]>): [number, number][] {
  return [...entries].toSorted(([a], [b]) => a - b);
}

describe.each([...POLICIES, 'ttl' as const])('a sharded cache with the policy %s', (policy) => {
  test('is a Map as long as nothing has to leave', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(step, { minLength: 20, maxLength: 150 }),
        (shards, steps) => {
          let wanted = shards;
          const cache = shardedCache<number, number>(
            shards,
            { policy, maxEntries: 60 },
            () => wanted,
          );
          const model = new Map<number, number>();
          for (const [i, one] of steps.entries()) {
            if (one.do === 'get') {
              expectSame(
                [cache.has(one.key), cache.peek(one.key), cache.get(one.key)],
                [model.has(one.key), model.get(one.key), model.get(one.key)],
              );
            } else if (one.do === 'delete') {
              expectSame(cache.delete(one.key), model.delete(one.key));
            } else if (one.do === 'set') {
              expectSame(cache.set(one.key, i), true);
              model.set(one.key, i);
            } else if (one.do === 'clear' && one.which === 'all') {
              expectSame(cache.clear(), model.size);
              model.clear();
            } else if (one.do === 'invalidate') {
              const gone = [...model].filter(([, value]) => value % one.modulus === 0);
              expectSame(
                cache.invalidateWhere((value) => value % one.modulus === 0),
                gone.length,
              );
              for (const [key] of gone) model.delete(key);
            } else if (one.do === 'spread') wanted = one.shards;
            expectSame(cache.size, model.size);
            expectSame(sorted(cache.entries()), sorted(model));
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

interface Held {
  readonly value: number;
  readonly weight: number;
  readonly due: number;
}

/** What the cache must hold, by what it was given and what it said has left. */
class Account {
  readonly held = new Map<number, Held>();
  readonly #left: number[] = [];

  constructor(cache: MemoryCache<number, number>) {
    cache.on('remove', ({ key, value, reason }) => {
      if (reason === 'replaced') return;
      expectSame(this.held.get(key)?.value, value);
      this.#left.push(key);
    });
  }

  /** After an operation, before what it stored is added. */
  settle(): void {
    for (const key of this.#left.splice(0)) expectSame(this.held.delete(key), true);
  }

  live(now: number): [number, number][] {
    return [...this.held]
      .filter(([, { due }]) => due > now)
      .map(([key, { value }]) => [key, value]);
  }

  get bytes(): number {
    return [...this.held.values()].reduce((sum, { weight }) => sum + weight, 0);
  }
}

describe.each(POLICIES)('a sharded cache with the policy %s that has to evict', (policy) => {
  test.each([
    ['entries', false],
    ['entries and bytes', true],
  ])('keeps to its bounds in %s, and holds what it did not say has left', (_bounds, weighed) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(step, { minLength: 50, maxLength: 250 }),
        (shards, maxEntries, steps) => {
          const clock = new ManualClock();
          let wanted = shards;
          const cache = shardedCache<number, number>(
            shards,
            {
              policy,
              maxEntries,
              ...(weighed ? { maxBytes: 60 } : {}),
              clock,
              sweepInterval: false,
            },
            () => wanted,
          );
          const account = new Account(cache);
          for (const [i, one] of steps.entries()) {
            const before = account.live(clock.coarse());
            if (one.do === 'get') {
              expectSame(cache.get(one.key), new Map(before).get(one.key));
            } else if (one.do === 'delete') {
              expectSame(cache.delete(one.key), new Map(before).has(one.key));
            } else if (one.do === 'advance') clock.advance(5);
            else if (one.do === 'spread') wanted = one.shards;
            else if (one.do === 'clear') cache.clear(one.which);
            else if (one.do === 'invalidate') cache.invalidateWhere((v) => v % one.modulus === 0);
            else if (one.do === 'resize') {
              const { maxEntries, maxBytes } = one;
              cache.resize(weighed ? { maxEntries, maxBytes } : { maxEntries });
            }
            const weight = one.do === 'set' && weighed ? one.weight : 0;
            const stored =
              one.do === 'set' &&
              cache.set(one.key, i, one.ttl === undefined ? { weight } : { weight, ttl: one.ttl });
            account.settle();
            if (one.do === 'set') {
              // `adaptive` may also find it heavier than it is worth.
              if (policy === 'adaptive') expectSame(stored && weight > cache.maxBytes, false);
              else expectSame(stored, weight <= cache.maxBytes);
              const due = clock.coarse() + (one.ttl ?? Infinity);
              if (stored) account.held.set(one.key, { value: i, weight, due });
            }
            const { size, bytes, ...stats } = cache.stats();
            const gone = stats.deletes + stats.evictions + stats.expirations + stats.cleared;
            expectSame([size, size], [account.held.size, stats.inserts - gone]);
            expectSame(bytes, account.bytes);
            expectSame([size <= stats.maxEntries, bytes <= stats.maxBytes], [true, true]);
            expectSame(sorted(cache.entries()), sorted(account.live(clock.coarse())));
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
