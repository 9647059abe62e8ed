import {
  abortable,
  checkOneOf,
  createDeferred,
  defineChannel,
  Emitter,
  PerfError,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Closeable,
  type Duration,
  type Listenable,
  type Policy,
  type Unsubscribe,
} from '@perf/core';
import { seededRandom, type ManualClock } from '@perf/core/testing';
import { describe, expectTypeOf, test } from 'vitest';

describe('durations and sizes', () => {
  test('take numbers and numbers with a unit', () => {
    expectTypeOf<5 | '5ms' | '1.5s' | '5m' | '2h' | '7d'>().toExtend<Duration>();
    expectTypeOf<5 | '5b' | '64kb' | '1.5mb' | '2gb'>().toExtend<ByteSize>();
    expectTypeOf(toMilliseconds).returns.toEqualTypeOf<number>();
    expectTypeOf(toBytes).returns.toEqualTypeOf<number>();
  });

  test('take nothing else', () => {
    expectTypeOf<'5 potatoes'>().not.toExtend<Duration>();
    expectTypeOf<'5'>().not.toExtend<Duration>();
    expectTypeOf<'5kb'>().not.toExtend<Duration>();
    expectTypeOf<bigint>().not.toExtend<Duration>();
    expectTypeOf<'64'>().not.toExtend<ByteSize>();
    expectTypeOf<'5m'>().not.toExtend<ByteSize>();
    // @ts-expect-error a word is no unit
    toMilliseconds('ttl', '5 potatoes');
    // @ts-expect-error a plain string may be anything
    toBytes('size', JSON.stringify(64));
  });
});

describe('Emitter', () => {
  interface Events {
    evicted: { readonly key: string };
    closed: undefined;
  }
  const emitter = new Emitter<Events>(['evicted', 'closed']);
  // @ts-expect-error no such event
  void new Emitter<Events>(['opened']);

  test('knows the payload of each event', () => {
    emitter.on('evicted', (payload) => {
      expectTypeOf(payload).toEqualTypeOf<{ readonly key: string }>();
    });
    expectTypeOf(emitter.on('closed', () => {})).toEqualTypeOf<Unsubscribe>();
    // @ts-expect-error no such event
    emitter.on('opened', () => {});
    // @ts-expect-error another payload
    emitter.emit('evicted', 'a');
  });

  test('users of an object see on() alone', () => {
    expectTypeOf(emitter).toExtend<Listenable<Events>>();
    expectTypeOf<keyof Listenable<Events>>().toEqualTypeOf<'on'>();
  });
});

describe('promises', () => {
  test('abortable keeps the type', () => {
    expectTypeOf(abortable(Promise.resolve(1), undefined)).toEqualTypeOf<Promise<number>>();
  });

  test('a deferred without a type resolves with nothing', () => {
    const deferred = createDeferred();
    deferred.resolve();
    // @ts-expect-error it has no value
    deferred.resolve(1);
    // @ts-expect-error it needs its value
    createDeferred<number>().resolve();
  });
});

test('the code of an error has the prefix', () => {
  expectTypeOf<PerfError['code']>().toEqualTypeOf<`PERF_${string}`>();
  // @ts-expect-error another prefix
  void new PerfError('E_CUSTOM', 'message');
});

test('checkOneOf narrows to what is allowed', () => {
  const policy = checkOneOf('policy', 'lru', ['lru', 'lfu']);
  expectTypeOf(policy).toEqualTypeOf<'lru' | 'lfu'>();
});

test('a channel takes its payload only', () => {
  const channel = defineChannel<{ readonly key: string }>('cache', 'load');
  channel.publish({ key: 'a' });
  // @ts-expect-error another payload
  channel.publish({ keys: 'a' });
});

test('anything with execute is a Policy, and keeps the type of the function', () => {
  const policy: Policy = {
    execute: async (fn) => fn({ signal: new AbortController().signal }),
  };
  expectTypeOf(policy.execute(() => 1)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(policy.execute(async ({ signal }) => signal)).toEqualTypeOf<Promise<AbortSignal>>();
});

test('a closeable can be disposed of', () => {
  expectTypeOf<Closeable>().toExtend<AsyncDisposable>();
});

test('the test doubles fit where the real ones do', () => {
  expectTypeOf<ManualClock>().toExtend<Clock>();
  expectTypeOf(seededRandom(1)).toEqualTypeOf<() => number>();
});
