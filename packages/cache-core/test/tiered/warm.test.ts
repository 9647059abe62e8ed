import { ClosedError, createDeferred, type Deferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WarmProgress } from '../../src/index.ts';
import { Fleet, never } from './fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

function* numbers(until = Infinity): Generator<string> {
  for (let number = 0; number < until; number++) yield `k${number}`;
}

describe('warm', () => {
  it('loads the keys that are absent and stores entries', async () => {
    const { cache } = fleet.join();
    await cache.set('a', 'there');
    expect(await cache.warm(['a', 'b'], { load: ({ key }) => key })).toEqual({
      done: 2,
      failed: 0,
    });
    expect(await cache.warm(new Map([['c', 'entry']]), { tags: ['t'] })).toEqual({
      done: 1,
      failed: 0,
    });
    expect(Object.fromEntries(await cache.getMany(['a', 'b', 'c']))).toEqual({
      a: 'there',
      b: 'b',
      c: 'entry',
    });
    await cache.invalidateTags(['t']);
    expect(await cache.get('c')).toBeUndefined();
  });

  it('takes no more from its source than it has room for', async () => {
    const { cache } = fleet.join();
    const gates: Deferred<string>[] = [];
    const load = (): Promise<string> => {
      const gate = createDeferred<string>();
      gates.push(gate);
      return gate.promise;
    };
    let taken = 0;
    async function* source(): AsyncGenerator<string> {
      for (const key of numbers(5)) {
        taken++;
        yield key;
      }
    }
    const warming = cache.warm(source(), { load, concurrency: 2 });
    await settle();
    expect([taken, gates.length]).toEqual([2, 2]);
    gates[0]?.resolve('v');
    await settle();
    expect(taken).toBe(3);
    for (let round = 0; round < 5; round++) {
      for (const gate of gates) gate.resolve('v');
      await settle();
    }
    expect(await warming).toEqual({ done: 5, failed: 0 });
  });

  it('counts and reports what fails, and goes on', async () => {
    const { cache, errors } = fleet.join();
    const progress: WarmProgress[] = [];
    const result = await cache.warm(['a', '', 'c'], {
      load: ({ key }) => (key === 'a' ? never() : key),
      onProgress: (now) => progress.push(now),
      concurrency: 1,
    });
    expect(result).toEqual({ done: 1, failed: 2 });
    expect(progress).toEqual([
      { done: 0, failed: 1 },
      { done: 0, failed: 2 },
      { done: 1, failed: 2 },
    ]);
    expect(errors).toMatchObject([
      { operation: 'warm', key: 'a' },
      { operation: 'warm', key: '' },
    ]);
  });

  it('rejects when its source fails, after what is under way', async () => {
    const { cache } = fleet.join();
    async function* source(): AsyncGenerator<string> {
      yield 'a';
      throw new Error('no more');
    }
    await expect(cache.warm(source(), { load: () => 'v' })).rejects.toThrow('no more');
    expect(cache.getLocal('a')).toBe('v');
  });

  it('rejects when it is called off, also while its source hangs, and tells the source', async () => {
    const { cache } = fleet.join();
    const controller = new AbortController();
    let ended = false;
    const source: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: async () => {
          ended = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const warming = cache.warm(source, { load: () => 'v', signal: controller.signal });
    const result = Promise.allSettled([warming]);
    await settle();
    controller.abort(new Error('enough'));
    expect(await result).toMatchObject([{ reason: { message: 'enough' } }]);
    expect(ended).toBe(true);
  });

  it('ends with the cache, however long its source is', async () => {
    const { cache } = fleet.join();
    const result = Promise.allSettled([
      cache.warm(numbers(), {
        load: async () => {
          await settle();
          return 'v';
        },
      }),
    ]);
    await settle();
    await cache.close();
    expect(await result).toMatchObject([{ reason: expect.any(ClosedError) }]);
  });

  it('throws what onProgress throws, and leaves no rejection unhandled', async () => {
    const { cache } = fleet.join();
    const warming = cache.warm(numbers(), {
      load: () => 'v',
      onProgress: () => {
        throw new Error('bug');
      },
    });
    await expect(warming).rejects.toThrow('bug');
  });

  it.each([
    ['load', ['a'], {}],
    ['concurrency', [], { concurrency: 0 }],
    ['onProgress', [], { onProgress: 5 as never }],
    ['source', 5, {}],
    ['source', 'abc', {}],
    ['ttl', ['a'], { ttl: 0, load: () => 'v' }],
  ])('refuses a wrong %s (%#)', async (option, source, options) => {
    const { cache } = fleet.join();
    const warming = cache.warm(source as string[], options);
    await expect(warming).rejects.toMatchObject({ option });
  });

  it('needs nothing for an empty source', async () => {
    expect(await fleet.join().cache.warm([])).toEqual({ done: 0, failed: 0 });
  });
});
