import { getEventListeners } from 'node:events';
import { ClosedError, createDeferred, TimeoutError, type Deferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import {
  BatchQueueFullError,
  BatchResultError,
  createBatcher,
  type Batcher,
  type BatcherOptions,
  type BatchEvent,
} from '../../src/index.ts';

type Loaded = readonly (string | Error)[];

interface Scene {
  readonly clock: ManualClock;
  readonly batcher: Batcher<number, string>;
  /** The keys of each batch. */
  readonly batches: (readonly number[])[];
  readonly signals: AbortSignal[];
  /** The ends of the batches under way. */
  readonly ends: Deferred<Loaded>[];
  readonly events: BatchEvent[];
}

/** A batcher that waits for `maxWait`, unless it is told otherwise, and whose batches end by hand. */
function scene(options: Partial<BatcherOptions<number, string>> = {}): Scene {
  const clock = new ManualClock();
  const batches: (readonly number[])[] = [];
  const signals: AbortSignal[] = [];
  const ends: Deferred<Loaded>[] = [];
  const events: BatchEvent[] = [];
  const batcher = createBatcher<number, string>({
    clock,
    adaptive: false,
    load: (keys, { signal }) => {
      batches.push(keys);
      signals.push(signal);
      const end = createDeferred<Loaded>();
      ends.push(end);
      return end.promise;
    },
    ...options,
  });
  batcher.on('batch', (event) => events.push(event));
  return { clock, batcher, batches, signals, ends, events };
}

/** A batcher whose batches are over at once. */
function echo(options: Partial<BatcherOptions<number, string>> = {}): Scene {
  const made = scene({
    load: (keys) => {
      made.batches.push(keys);
      return keys.map(String);
    },
    ...options,
  });
  return made;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, key) => key);

describe('when a batch is sent', () => {
  it('after maxWait, with all keys that came', async () => {
    const { batcher, batches, clock } = echo();
    const loads = [batcher.load(1)];
    await clock.advanceAsync(30);
    loads.push(batcher.load(2));
    await clock.advanceAsync(19);
    expect(batches).toEqual([]);
    await clock.advanceAsync(1);
    expect(batches).toEqual([[1, 2]]);
    expect(await Promise.all(loads)).toEqual(['1', '2']);
  });

  it('at once when it is full, and no wait is left', async () => {
    const { batcher, batches, clock } = echo({ maxSize: 3 });
    await Promise.all(range(6).map((key) => batcher.load(key)));
    expect(batches).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    await clock.advanceAsync(50);
    expect(clock.pendingTimers).toBe(0);
  });

  it('has 100 keys at most, and waits 50 ms at most, by default', async () => {
    const { batcher, batches, clock } = echo();
    const loads = batcher.loadMany(range(101));
    await clock.advanceAsync(49);
    expect(batches.map((keys) => keys.length)).toEqual([100]);
    await clock.advanceAsync(1);
    expect(batches.map((keys) => keys.length)).toEqual([100, 1]);
    expect(await loads).toHaveLength(101);
  });

  it('at the end of the turn when maxWait is 0, also with what promises bring in', async () => {
    const { batcher, batches, clock } = echo({ maxWait: 0 });
    const first = batcher.load(1);
    const second = Promise.resolve().then(() => batcher.load(2));
    expect(await Promise.all([first, second])).toEqual(['1', '2']);
    expect(batches).toEqual([[1, 2]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('when it is flushed', async () => {
    const { batcher, batches } = echo();
    const load = batcher.load(1);
    batcher.flush();
    expect(await load).toBe('1');
    expect(batches).toEqual([[1]]);
  });

  it('the loader never runs within load', async () => {
    let loading = false;
    const { batcher } = echo({
      maxSize: 1,
      load: (keys) => {
        expect(loading).toBe(false);
        return keys.map(String);
      },
    });
    loading = true;
    const load = batcher.load(1);
    loading = false;
    expect(await load).toBe('1');
  });
});

describe('how many batches load at once', () => {
  it('not more than concurrency, and the next one gathers keys meanwhile', async () => {
    const { batcher, batches, ends, clock } = scene({ concurrency: 1, maxSize: 3 });
    const first = batcher.load(1);
    await clock.advanceAsync(50);
    const second = batcher.load(2);
    await clock.advanceAsync(500);
    const third = batcher.load(3);
    expect(batches).toEqual([[1]]);
    ends[0]?.resolve(['one']);
    expect(await first).toBe('one');
    expect(batches).toEqual([[1], [2, 3]]);
    ends[1]?.resolve(['two', 'three']);
    expect(await Promise.all([second, third])).toEqual(['two', 'three']);
  });

  it('full batches that had to wait go in the order in which they were filled', async () => {
    const { batcher, batches, ends } = scene({ concurrency: 1, maxSize: 2 });
    const loads = batcher.loadMany(range(6));
    for (let batch = 0; batch < 3; batch++) {
      await settle();
      expect(batches).toHaveLength(batch + 1);
      ends[batch]?.resolve((batches[batch] ?? []).map(String));
    }
    expect(await loads).toEqual(range(6).map(String));
  });

  it('ten thousand batches that are over at once do not exhaust the stack', async () => {
    const { batcher } = echo({ maxSize: 1, concurrency: 1 });
    expect(await batcher.loadMany(range(10_000))).toHaveLength(10_000);
  });
});

describe('equal keys', () => {
  it('are loaded once while they wait, for all who want them', async () => {
    const { batcher, batches, clock } = echo();
    const loads = [batcher.load(1), batcher.load(1), batcher.load(1)];
    await clock.advanceAsync(50);
    expect(batches).toEqual([[1]]);
    expect(await Promise.all(loads)).toEqual(['1', '1', '1']);
    expect(batcher.snapshot().joined).toBe(2);
  });

  it('are found in full batches that wait for their turn as well', async () => {
    const { batcher, batches, ends } = scene({ concurrency: 1, maxSize: 1 });
    const loads = [batcher.load(1), batcher.load(2), batcher.load(2)];
    await settle();
    ends[0]?.resolve(['1']);
    await settle();
    ends[1]?.resolve(['2']);
    expect(await Promise.all(loads)).toEqual(['1', '2', '2']);
    expect(batches).toEqual([[1], [2]]);
  });

  it('are loaded again once their batch has been sent: its answer may be older', async () => {
    const { batcher, batches, ends, clock } = scene();
    const first = batcher.load(1);
    await clock.advanceAsync(50);
    const second = batcher.load(1);
    await clock.advanceAsync(50);
    expect(batches).toEqual([[1], [1]]);
    ends[1]?.resolve(['new']);
    ends[0]?.resolve(['old']);
    expect(await Promise.all([first, second])).toEqual(['old', 'new']);
  });

  it('are loaded again also while other batches wait for their turn', async () => {
    const { batcher, batches, ends } = scene({ concurrency: 1, maxSize: 1 });
    const loads = [batcher.load(1), batcher.load(2)];
    await settle();
    expect(batches).toEqual([[1]]);
    loads.push(batcher.load(1));
    for (let batch = 0; batch < 3; batch++) {
      ends[batch]?.resolve([`${batch}`]);
      await settle();
    }
    expect(batches).toEqual([[1], [2], [1]]);
    expect(await Promise.all(loads)).toEqual(['0', '1', '2']);
  });

  it('are what `key` says', async () => {
    const batches: string[][] = [];
    const clock = new ManualClock();
    const batcher = createBatcher({
      clock,
      key: (name: string) => name.toLowerCase(),
      load: (keys) => {
        batches.push([...keys]);
        return new Map(keys.map((name) => [name.toLowerCase(), name.length]));
      },
    });
    const loads = Promise.all([batcher.load('Ada'), batcher.load('ADA'), batcher.load('Alan')]);
    await clock.advanceAsync(50);
    expect(await loads).toEqual([3, 3, 4]);
    expect(batches).toEqual([['Ada', 'Alan']]);
  });

  it('are all handed on with dedupe: false', async () => {
    const { batcher, batches, clock } = echo({ dedupe: false });
    const loads = [batcher.load(1), batcher.load(1)];
    await clock.advanceAsync(50);
    expect(batches).toEqual([[1, 1]]);
    expect(await Promise.all(loads)).toEqual(['1', '1']);
  });

  it('a `key` that throws rejects that caller', async () => {
    const { batcher, clock } = echo({
      key: (key) => {
        if (key === 2) throw new Error('no key');
        return key;
      },
    });
    const good = batcher.load(1);
    await expect(batcher.load(2)).rejects.toThrow('no key');
    await clock.advanceAsync(50);
    expect(await good).toBe('1');
  });
});

describe('results', () => {
  it('an Error among them rejects that key’s callers alone, and is not kept', async () => {
    let bad = true;
    const { batcher, clock } = echo({
      load: (keys) => keys.map((key) => (bad && key === 2 ? new Error('no 2') : String(key))),
    });
    const many = batcher.loadMany([1, 2, 3]);
    await clock.advanceAsync(50);
    expect(await many).toEqual(['1', new Error('no 2'), '3']);
    expect(batcher.snapshot()).toMatchObject({ failedKeys: 1, failedBatches: 0 });
    bad = false;
    const again = batcher.load(2);
    await clock.advanceAsync(50);
    expect(await again).toBe('2');
  });

  it.each([
    ['an array that is too short', (): unknown => ['1'], '1 results for 2 keys'],
    ['an array that is too long', (): unknown => ['1', '2', '3'], '3 results for 2 keys'],
    ['nothing', (): unknown => undefined, 'returned undefined'],
    ['null', (): unknown => null, 'returned null'],
    ['an object', (): unknown => ({ 1: 'one' }), 'returned object'],
    ['a promise of nothing', (): unknown => Promise.resolve(), 'returned undefined'],
  ])('%s is refused with a clear error to all', async (_, load, message) => {
    const { batcher, clock } = echo({ load: load as never });
    const many = batcher.loadMany([1, 2]);
    await clock.advanceAsync(50);
    for (const result of await many) {
      expect(result).toBeInstanceOf(BatchResultError);
      expect((result as Error).message).toContain(message);
    }
  });

  it('a key that a Map lacks is rejected; one that it has as undefined is not', async () => {
    const clock = new ManualClock();
    const batcher = createBatcher<number, string | undefined>({
      clock,
      load: () => new Map([[1, undefined]]),
    });
    const many = batcher.loadMany([1, 2]);
    await clock.advanceAsync(50);
    const [first, second] = await many;
    expect(first).toBeUndefined();
    expect(second).toBeInstanceOf(BatchResultError);
  });

  it('go to their own keys even when the loader reorders the keys that it was handed', async () => {
    const clock = new ManualClock();
    const batcher = createBatcher<number, string>({
      clock,
      load: (keys) => {
        (keys as number[]).reverse();
        return new Map(keys.map((key) => [key, `${key}`]));
      },
    });
    const many = batcher.loadMany([3, 1, 2, 4]);
    await clock.advanceAsync(50);
    expect(await many).toEqual(['3', '1', '2', '4']);
  });

  it('a loader that throws rejects all its callers, and the next batch is loaded', async () => {
    let broken = true;
    const { batcher, clock, events } = echo({
      load: (keys) => {
        if (broken) throw new RangeError('down');
        return keys.map(String);
      },
    });
    const many = batcher.loadMany([1, 2]);
    await clock.advanceAsync(50);
    expect(await many).toEqual([new RangeError('down'), new RangeError('down')]);
    expect(events).toMatchObject([{ outcome: 'failed', size: 2, error: new RangeError('down') }]);
    broken = false;
    const next = batcher.load(1);
    await clock.advanceAsync(50);
    expect(await next).toBe('1');
  });

  it('a loader that rejects rejects all its callers with that reason, whatever it is', async () => {
    const { batcher, ends, clock } = scene();
    const load = batcher.load(1);
    const many = batcher.loadMany([1, 2]);
    await clock.advanceAsync(50);
    ends[0]?.reject('a string');
    await expect(load).rejects.toBe('a string');
    const [, error] = await many;
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).cause).toBe('a string');
  });

  it('a thenable will do, even one that calls back twice', async () => {
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- it is what is tested
      then(resolve: (value: string[]) => void, reject: (reason: unknown) => void): void {
        resolve(['one']);
        reject(new Error('twice'));
      },
    };
    const { batcher, clock } = echo({ load: () => thenable as PromiseLike<string[]> });
    const load = batcher.load(1);
    await clock.advanceAsync(50);
    expect(await load).toBe('one');
    expect(batcher.snapshot()).toMatchObject({ batches: 1, failedBatches: 0, active: 0 });
  });
});

describe('a caller who aborts', () => {
  it('leaves at once, and the batch goes on for the others', async () => {
    const { batcher, batches, signals, ends, clock } = scene();
    const controller = new AbortController();
    const other = batcher.load(2);
    const mine = batcher.load(1, { signal: controller.signal });
    await clock.advanceAsync(50);
    controller.abort(new Error('enough'));
    await expect(mine).rejects.toThrow('enough');
    expect(batches).toEqual([[2, 1]]);
    expect(signals[0]?.aborted).toBe(false);
    ends[0]?.resolve(['two', 'one']);
    expect(await other).toBe('two');
  });

  it('leaves others who want the same key', async () => {
    const { batcher, batches, clock } = echo();
    const controller = new AbortController();
    const mine = batcher.load(1, { signal: controller.signal });
    const other = batcher.load(1);
    controller.abort(new Error('enough'));
    await expect(mine).rejects.toThrow('enough');
    await clock.advanceAsync(50);
    expect(await other).toBe('1');
    expect(batches).toEqual([[1]]);
  });

  it('takes the key along when nobody else wants it, and the wait with the last key', async () => {
    const { batcher, batches, clock } = echo();
    const controller = new AbortController();
    const { signal } = controller;
    const alone = [batcher.load(1, { signal }), batcher.load(3, { signal })];
    const other = batcher.load(2);
    controller.abort();
    for (const load of alone) await expect(load).rejects.toBe(signal.reason);
    await clock.advanceAsync(50);
    expect(await other).toBe('2');
    expect(batches).toEqual([[2]]);

    const late = new AbortController();
    const last = batcher.load(4, { signal: late.signal });
    late.abort();
    await expect(last).rejects.toBe(late.signal.reason);
    await clock.advanceAsync(50);
    expect(clock.pendingTimers).toBe(0);
    expect(batcher.snapshot()).toMatchObject({ waiting: 0, aborted: 3 });
  });

  it('takes its key out of a full batch that waits for its turn', async () => {
    const { batcher, batches, ends } = scene({ concurrency: 1, maxSize: 2 });
    const controller = new AbortController();
    const { signal } = controller;
    const first = batcher.loadMany([1, 2]);
    const gone = batcher.loadMany([3, 4], { signal });
    const some = batcher.loadMany([5, 6], { signal });
    const kept = batcher.load(6);
    await settle();
    controller.abort();
    expect(await gone).toEqual([signal.reason, signal.reason]);
    expect(await some).toEqual([signal.reason, signal.reason]);
    ends[0]?.resolve(['1', '2']);
    await first;
    ends[1]?.resolve(['six']);
    expect(await kept).toBe('six');
    expect(batches).toEqual([[1, 2], [6]]);
  });

  it('aborts the batch when it is the last who waits for any of it', async () => {
    const { batcher, signals, events, ends, clock } = scene();
    const [first, second] = [new AbortController(), new AbortController()];
    const loads = [
      batcher.load(1, { signal: first.signal }),
      batcher.load(1, { signal: second.signal }),
      batcher.load(2, { signal: second.signal }),
    ];
    await clock.advanceAsync(50);
    first.abort(new Error('first'));
    await expect(loads[0]).rejects.toThrow('first');
    expect(signals[0]?.aborted).toBe(false);
    second.abort(new Error('second'));
    await expect(loads[1]).rejects.toThrow('second');
    await expect(loads[2]).rejects.toThrow('second');
    expect(signals[0]?.reason).toEqual(new Error('second'));
    expect(batcher.snapshot().active).toBe(1);
    ends[0]?.reject(new Error('stopped'));
    await settle();
    expect(batcher.snapshot()).toMatchObject({ active: 0, failedBatches: 0 });
    expect(events).toMatchObject([{ outcome: 'abandoned' }]);
    await clock.advanceAsync(30_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('before it calls is refused with its reason, and nothing is loaded', async () => {
    const { batcher, clock } = scene();
    const signal = AbortSignal.abort(new Error('never'));
    await expect(batcher.load(1, { signal })).rejects.toThrow('never');
    expect(batcher.snapshot().waiting).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('no listener is left, however the load ends', async () => {
    const { batcher, ends, clock } = scene();
    const controller = new AbortController();
    const { signal } = controller;
    const loads = batcher.loadMany([1, 2, 1], { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(3);
    await clock.advanceAsync(50);
    ends[0]?.resolve(['1', new Error('2')]);
    await loads;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const left = batcher.load(3, { signal });
    controller.abort();
    await expect(left).rejects.toBe(signal.reason);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('bounds', () => {
  it('a batch that hangs rejects its callers, is told, and makes room for the next', async () => {
    const { batcher, batches, signals, events, clock } = scene({ timeout: '2s', concurrency: 1 });
    const hung = batcher.load(1);
    await clock.advanceAsync(50);
    const next = batcher.load(2);
    await clock.advanceAsync(1999);
    expect(batches).toEqual([[1]]);
    hung.catch(() => undefined);
    await clock.advanceAsync(1);
    await expect(hung).rejects.toThrow(TimeoutError);
    await expect(hung).rejects.toThrow('a batch of "batcher" took longer than 2000 ms');
    expect(signals[0]?.reason).toBeInstanceOf(TimeoutError);
    expect(batches).toEqual([[1], [2]]);
    expect(events).toMatchObject([{ outcome: 'timeout', elapsed: 2000 }]);
    expect(batcher.snapshot()).toMatchObject({ timeouts: 1, failedBatches: 1, active: 1 });
    void next.catch(() => undefined);
  });

  it('what comes after a timeout changes nothing', async () => {
    const { batcher, ends, clock } = scene({ timeout: 100 });
    const loads = [batcher.load(1), batcher.load(2)];
    for (const load of loads) load.catch(() => undefined);
    await clock.advanceAsync(150);
    ends[0]?.reject(new Error('late'));
    await settle();
    for (const load of loads) await expect(load).rejects.toThrow(TimeoutError);
    expect(batcher.snapshot()).toMatchObject({ batches: 1, active: 0 });
  });

  it('without a timeout, no timer runs while a batch loads', async () => {
    const { batcher, ends, clock } = scene({ timeout: Infinity });
    const load = batcher.load(1);
    await clock.advanceAsync(50);
    expect(clock.pendingTimers).toBe(0);
    ends[0]?.resolve(['1']);
    await load;
  });

  it('a key beyond maxQueue is refused; one that waits already is not', async () => {
    const { batcher, clock } = echo({ maxQueue: 2 });
    const loads = [batcher.load(1), batcher.load(2), batcher.load(2)];
    const refused = batcher.load(3);
    await expect(refused).rejects.toThrow(BatchQueueFullError);
    await expect(refused).rejects.toMatchObject({
      code: 'PERF_BATCH_QUEUE_FULL',
      batcher: 'batcher',
      maxQueue: 2,
    });
    await clock.advanceAsync(50);
    expect(await Promise.all(loads)).toEqual(['1', '2', '2']);
    expect(batcher.snapshot()).toMatchObject({ refused: 1, waiting: 0 });
    const next = batcher.load(3);
    await clock.advanceAsync(50);
    expect(await next).toBe('3');
  });
});

describe('close', () => {
  it('sends what waits and resolves once it is loaded', async () => {
    const { batcher, batches, ends, clock } = scene();
    const load = batcher.load(1);
    let closed = false;
    const closing = batcher.close().then(() => {
      closed = true;
    });
    await settle();
    expect(batches).toEqual([[1]]);
    expect(closed).toBe(false);
    ends[0]?.resolve(['one']);
    await closing;
    expect(await load).toBe('one');
    await clock.advanceAsync(30_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('resolves when those who waited have left', async () => {
    const { batcher, ends } = scene({ concurrency: 1, maxSize: 1 });
    const controller = new AbortController();
    const first = batcher.load(1);
    const second = batcher.load(2, { signal: controller.signal });
    await settle();
    const closing = batcher.close();
    ends[0]?.resolve(['one']);
    controller.abort();
    await expect(second).rejects.toBe(controller.signal.reason);
    await closing;
    expect(await first).toBe('one');
  });

  it('refuses later keys, and is idempotent', async () => {
    const { batcher } = scene();
    await Promise.all([batcher.close(), batcher.close(), batcher[Symbol.asyncDispose]()]);
    await expect(batcher.load(1)).rejects.toThrow(ClosedError);
    expect(await batcher.loadMany([1])).toEqual([expect.any(ClosedError)]);
  });
});

describe('an adaptive batcher', () => {
  it('does not let a lone key wait', async () => {
    const { batcher, batches, clock } = echo({ adaptive: true });
    for (let key = 0; key < 5; key++) {
      expect(await batcher.load(key)).toBe(String(key));
      await clock.advanceAsync(1000);
    }
    expect(batches).toHaveLength(5);
    expect(batcher.snapshot().expectedSize).toBe(1);
  });

  it('gathers what comes in one turn without a timer', async () => {
    const { batcher, batches } = echo({ adaptive: true });
    await batcher.loadMany(range(30));
    expect(batches).toEqual([range(30)]);
  });

  it('learns to wait where keys come one after the other', async () => {
    const { batcher, batches, clock } = echo({ adaptive: true });
    for (let key = 0; key < 2000; key++) {
      void batcher.load(key);
      await clock.advanceAsync(5);
    }
    const later = batches.slice(-20).map((keys) => keys.length);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...later)).toBeLessThanOrEqual(11);
  });

  it('hardly ever lets a caller wait who asks for one key after the other', async () => {
    const { batcher, clock } = echo({ adaptive: true });
    let waited = 0;
    for (let key = 0; key < 3000; key++) {
      const load = batcher.load(key);
      await settle();
      if (clock.pendingTimers > 0) {
        waited++;
        await clock.advanceAsync(50);
      }
      await load;
      await clock.advanceAsync(1);
    }
    expect(waited).toBeLessThan(15);
  });

  it('makes batches smaller while they are slow, and larger again', async () => {
    let time = 200;
    const made = scene({
      maxSize: 64,
      maxWait: 0,
      concurrency: 1,
      adaptive: { minSize: 4, targetTime: 100 },
      load: (keys) => {
        made.batches.push(keys);
        made.clock.advance(time);
        return keys.map(String);
      },
    });
    const { batcher, batches } = made;
    for (let round = 0; round < 20; round++) await batcher.loadMany(range(64));
    expect(batcher.snapshot().sizeLimit).toBe(4);
    expect(batches.at(-1)).toHaveLength(4);
    time = 10;
    for (let round = 0; round < 80; round++) await batcher.loadMany(range(64));
    expect(batcher.snapshot().sizeLimit).toBe(64);
  });
});

describe('what is told', () => {
  it('an event for each batch: size, why it was sent, how long it waited and loaded', async () => {
    const { batcher, ends, events, clock } = scene({ name: 'users', maxSize: 2 });
    const loads = [batcher.load(1)];
    await clock.advanceAsync(50);
    loads.push(batcher.load(2), batcher.load(3));
    await settle();
    await clock.advanceAsync(7);
    ends[0]?.resolve(['1']);
    ends[1]?.resolve(['2', '3']);
    await Promise.all(loads);
    expect(events).toMatchObject([
      { batcher: 'users', size: 1, trigger: 'time', waited: 50, elapsed: 7, outcome: 'loaded' },
      { batcher: 'users', size: 2, trigger: 'full', waited: 0, elapsed: 7, outcome: 'loaded' },
    ]);
    expect(batcher.snapshot()).toMatchObject({
      name: 'users',
      batches: 2,
      keys: 3,
      largest: 2,
      active: 0,
      waiting: 0,
    });
  });

  it('a listener that throws breaks nothing', async () => {
    const { batcher, clock } = echo();
    const warned = new Promise((resolve) => {
      process.once('warning', resolve);
    });
    batcher.on('batch', () => {
      throw new Error('listener');
    });
    const load = batcher.load(1);
    await clock.advanceAsync(50);
    expect(await load).toBe('1');
    expect(await warned).toMatchObject({ name: 'PerfListenerError' });
  });
});
