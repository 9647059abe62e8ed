import { getEventListeners } from 'node:events';
import { createDeferred, TimeoutError, type Deferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import {
  adaptiveBulkhead,
  BulkheadFullError,
  type AdaptiveBulkheadOptions,
  type ConcurrencyLimit,
  type AdaptiveBulkheadLimitEvent,
  type LimitSample,
} from '../../src/index.ts';

/** A limit that is set by hand. */
function manual(limit: number) {
  const samples: LimitSample[] = [];
  const algorithm = {
    limit,
    samples,
    update(sample: LimitSample): void {
      samples.push(sample);
    },
  };
  return algorithm satisfies ConcurrencyLimit;
}

function scene(limit: number, options: Partial<AdaptiveBulkheadOptions> = {}) {
  const clock = new ManualClock();
  const algorithm = manual(limit);
  const bulkhead = adaptiveBulkhead({ clock, algorithm, sampleTime: 10, ...options });
  const calls: Deferred<unknown>[] = [];
  const hold = (): Promise<unknown> => {
    const call = createDeferred<unknown>();
    calls.push(call);
    return call.promise;
  };
  return { clock, algorithm, bulkhead, calls, hold };
}

describe('calls', () => {
  it('run at once up to the limit; a further one is refused when none may wait', async () => {
    const { bulkhead, hold, calls } = scene(2);
    const running = [bulkhead.execute(hold), bulkhead.execute(hold)];
    const refused = bulkhead.execute(hold);
    await expect(refused).rejects.toThrow(BulkheadFullError);
    await expect(refused).rejects.toMatchObject({ code: 'PERF_BULKHEAD_FULL', limit: 2 });
    calls[0]?.resolve('first');
    expect(await running[0]).toBe('first');
    expect(await bulkhead.execute(() => 'next')).toBe('next');
    calls[1]?.resolve('second');
    await running[1];
    expect(bulkhead.snapshot()).toMatchObject({
      active: 0,
      limit: 2,
      totals: { calls: 4, refused: 1 },
    });
  });

  it('wait in the queue, the higher priority first', async () => {
    const { bulkhead, hold, calls } = scene(1, { maxQueue: 3 });
    const order: string[] = [];
    const run = (name: string, priority: number): Promise<unknown> =>
      bulkhead.execute(
        () => {
          order.push(name);
        },
        { priority },
      );
    const first = bulkhead.execute(hold);
    const rest = [run('low', 1), run('high', 9), run('also high', 9)];
    await expect(run('too many', 9)).rejects.toThrow(BulkheadFullError);
    expect(bulkhead.snapshot().waiting).toBe(3);
    calls[0]?.resolve(0);
    await Promise.all([first, ...rest]);
    expect(order).toEqual(['high', 'also high', 'low']);
  });

  it('do not wait for longer than queueTimeout', async () => {
    const { bulkhead, hold, clock } = scene(1, { maxQueue: 3, queueTimeout: 50 });
    void bulkhead.execute(hold);
    const waiting = bulkhead.execute(hold);
    waiting.catch(() => undefined);
    await clock.advanceAsync(50);
    await expect(waiting).rejects.toMatchObject({ code: 'PERF_BULKHEAD_FULL', waited: 50 });
    expect(bulkhead.snapshot()).toMatchObject({ waiting: 0, totals: { refused: 1 } });
  });

  it('that are aborted leave the queue at once, and no listener stays', async () => {
    const { bulkhead, hold } = scene(1, { maxQueue: 3 });
    void bulkhead.execute(hold);
    const controller = new AbortController();
    const waiting = bulkhead.execute(hold, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(bulkhead.snapshot().waiting).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('that wait begin when the limit rises', async () => {
    const { bulkhead, hold, calls, algorithm, clock } = scene(1, { maxQueue: 20, sampleTime: 1 });
    const limits: AdaptiveBulkheadLimitEvent[] = [];
    bulkhead.on('limit', (event) => limits.push(event));
    const all = Array.from({ length: 14 }, () => bulkhead.execute(hold));
    for (let call = 0; call < 10; call++) {
      if (call === 9) algorithm.limit = 3;
      clock.advance(1);
      calls[call]?.resolve(call);
      await settle();
    }
    expect(algorithm.samples).toHaveLength(1);
    expect(limits).toEqual([{ policy: 'adaptiveBulkhead', limit: 3, previous: 1 }]);
    expect(calls).toHaveLength(13);
    for (const call of calls) call.resolve(0);
    await settle();
    calls[13]?.resolve(0);
    await Promise.all(all);
  });

  it('that throw, or return no promise, give their place back', async () => {
    const { bulkhead } = scene(1);
    const thrown = (): never => {
      throw new RangeError('thrown');
    };
    await expect(bulkhead.execute(thrown)).rejects.toThrow('thrown');
    expect(await bulkhead.execute(() => undefined)).toBeUndefined();
    expect(bulkhead.snapshot().active).toBe(0);
  });
});

describe('what the algorithm is told', () => {
  const sampled = async (
    fn: () => unknown,
    options: Partial<AdaptiveBulkheadOptions> = {},
    signal?: AbortSignal,
  ): Promise<readonly LimitSample[]> => {
    const { bulkhead, algorithm, clock } = scene(5, { sampleTime: 20, ...options });
    for (let call = 0; call < 20; call++) {
      const done = bulkhead.executeSafe(
        async () => {
          await settle();
          return fn();
        },
        { signal },
      );
      clock.advance(7);
      await done;
    }
    return algorithm.samples;
  };

  it('how long good calls ran, and how many at once', async () => {
    const samples = await sampled(() => 'good');
    expect(samples[0]).toEqual({ time: 7, inFlight: 1, overloaded: 0 });
  });

  it('timeouts, with the time that they took, as overloads', async () => {
    const samples = await sampled(() => Promise.reject(new TimeoutError('a call', 7)));
    expect(samples[0]).toEqual({ time: 7, inFlight: 1, overloaded: 10 });
  });

  it.each([
    ['an error with status 503', () => Promise.reject(Object.assign(new Error(), { status: 503 }))],
    ['a response with status 429', () => ({ status: 429 })],
    ['a response with statusCode 503', () => ({ statusCode: 503 })],
  ])('%s as an overload that says nothing about the time', async (_, fn) => {
    const samples = await sampled(fn);
    expect(samples[0]).toEqual({ time: undefined, inFlight: 1, overloaded: 10 });
  });

  it('nothing of other errors', async () => {
    expect(await sampled(() => Promise.reject(new Error('no such user')))).toEqual([]);
  });

  it('what isOverload says', async () => {
    const samples = await sampled(() => Promise.reject('busy'), {
      isOverload: (outcome) => !outcome.ok && outcome.error === 'busy',
    });
    expect(samples[0]).toMatchObject({ overloaded: 10 });
  });

  it('nothing worse when isOverload throws, which is reported', async () => {
    const warned = new Promise((resolve) => {
      process.once('warning', resolve);
    });
    const samples = await sampled(() => 'good', {
      isOverload: () => {
        throw new Error('broken');
      },
    });
    expect(samples[0]).toEqual({ time: 7, inFlight: 1, overloaded: 0 });
    expect(await warned).toMatchObject({ name: 'PerfClassifierError' });
  });

  it('nothing of calls whose caller gave up', async () => {
    const { bulkhead, algorithm, clock } = scene(5);
    for (let call = 0; call < 20; call++) {
      const controller = new AbortController();
      const done = bulkhead.executeSafe(
        async () => {
          controller.abort();
          throw new TimeoutError('a call', 7);
        },
        { signal: controller.signal },
      );
      clock.advance(7);
      await done;
    }
    expect(algorithm.samples).toEqual([]);
    expect(bulkhead.snapshot().totals.overloaded).toBe(0);
  });
});

describe('an option that is not right is refused with its name', () => {
  it.each([
    ['algorithm', {}],
    ['algorithm', { limit: 0, update: () => undefined }],
    ['maxQueue', -1],
    ['maxQueue', 1.5],
    ['queueTimeout', 0],
    ['queueTimeout', '5 potatoes'],
    ['sampleTime', 0],
    ['isOverload', 503],
    ['name', ''],
    ['maxQueu', 3],
  ])('%s: %o', (option, value) => {
    const options: object = { [option]: value };
    expect(() => adaptiveBulkhead(options)).toThrow(option);
  });
});
