import { getEventListeners } from 'node:events';
import { ConfigError, createDeferred, TimeoutError } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import {
  bulkhead,
  circuitBreaker,
  pipeline,
  timeout,
  type LateEvent,
  type TimeoutEvent,
  type TimeoutOptions,
} from '../../src/index.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

function scene(options: Partial<TimeoutOptions> = {}) {
  const clock = new ManualClock();
  const policy = timeout({ after: 100, clock, ...options });
  const events: TimeoutEvent[] = [];
  const late: LateEvent[] = [];
  policy.on('timeout', (event) => events.push(event));
  policy.on('late', (event) => late.push(event));
  return { clock, policy, events, late };
}

describe.each(['race', 'cooperative'] as const)('a timeout that is a %s', (mode) => {
  it('answers with what the function returns, be it a promise or not', async () => {
    const { policy, clock } = scene({ mode });
    expect(await policy.execute(() => 1)).toBe(1);
    expect(await policy.execute(() => undefined)).toBeUndefined();
    expect(await policy.execute(async () => 'later')).toBe('later');
    expect(policy.snapshot()).toMatchObject({
      active: 0,
      overdue: 0,
      totals: { calls: 3, timeouts: 0 },
    });
    await clock.advanceAsync(1000);
    expect(policy.snapshot().totals.timeouts).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with what the function throws or rejects with', async () => {
    const { policy } = scene({ mode });
    const thrown = (): never => {
      throw new RangeError('thrown');
    };
    await expect(policy.execute(thrown)).rejects.toThrow('thrown');
    await expect(policy.execute(() => Promise.reject('a string'))).rejects.toBe('a string');
    expect(policy.snapshot()).toMatchObject({ active: 0, overdue: 0, totals: { timeouts: 0 } });
  });

  it('aborts the function’s signal with the TimeoutError when its time is up', async () => {
    const { policy, clock, events } = scene({ mode, name: 'search' });
    let seen: unknown;
    const call = policy.execute(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            seen = signal.reason;
            reject(signal.reason as Error);
          });
        }),
    );
    call.catch(() => undefined);
    await clock.advanceAsync(99);
    expect(seen).toBeUndefined();
    await clock.advanceAsync(1);
    await expect(call).rejects.toBe(seen);
    expect(seen).toBeInstanceOf(TimeoutError);
    expect(seen).toMatchObject({
      code: 'PERF_TIMEOUT',
      timeout: 100,
      message: 'a call under "search" took longer than 100 ms',
    });
    expect(events).toEqual([{ policy: 'search', timeout: 100, attempt: 1 }]);
  });

  it('a signal that is first read after the time is up is aborted', async () => {
    const { policy, clock } = scene({ mode });
    const gate = createDeferred();
    const call = policy.execute(async (context) => {
      await gate.promise;
      return context.signal.aborted;
    });
    call.catch(() => undefined);
    await clock.advanceAsync(100);
    gate.resolve();
    if (mode === 'cooperative') expect(await call).toBe(true);
    else await expect(call).rejects.toThrow(TimeoutError);
  });

  it('the call’s own deadline comes first when it is earlier', async () => {
    const { policy, clock } = scene({ mode });
    let deadline = 0;
    const call = policy.execute(
      (context) => {
        ({ deadline } = context);
        return new Promise((_, reject) => {
          context.signal.addEventListener('abort', () => {
            reject(context.signal.reason as Error);
          });
        });
      },
      { deadline: 40 },
    );
    call.catch(() => undefined);
    expect(deadline).toBe(40);
    await clock.advanceAsync(40);
    await expect(call).rejects.toMatchObject({ code: 'PERF_TIMEOUT', timeout: 40 });
    await expect(policy.execute(() => 1, { deadline: 40 })).rejects.toMatchObject({
      code: 'PERF_DEADLINE_EXCEEDED',
    });
  });

  it('the function’s deadline is that of the timeout when the call has none', async () => {
    const { policy, clock } = scene({ mode });
    clock.advance(7);
    expect(await policy.execute(({ deadline }) => deadline)).toBe(107);
  });

  it('does not run what was aborted before', async () => {
    const { policy } = scene({ mode });
    let ran = false;
    const signal = AbortSignal.abort(new Error('never'));
    const call = policy.execute(() => (ran = true), { signal });
    await expect(call).rejects.toThrow('never');
    expect(ran).toBe(false);
    expect(policy.snapshot().totals.calls).toBe(0);
  });

  it('leaves no listener on the caller’s signal, however the call ends', async () => {
    const { policy, clock } = scene({ mode });
    const { signal } = new AbortController();
    await policy.execute((context) => context.signal.aborted, { signal });
    expect(listeners(signal)).toBe(0);
    const failing = policy.execute((context) => Promise.reject(context.signal.aborted), { signal });
    await expect(failing).rejects.toBe(false);
    expect(listeners(signal)).toBe(0);
    const slow = policy.execute(
      (context) =>
        new Promise((_, reject) => {
          context.signal.addEventListener('abort', () => {
            reject(context.signal.reason as Error);
          });
        }),
      { signal },
    );
    expect(listeners(signal)).toBeGreaterThan(0);
    slow.catch(() => undefined);
    await clock.advanceAsync(100);
    await expect(slow).rejects.toThrow(TimeoutError);
    expect(listeners(signal)).toBe(0);
  });

  it('the function’s signal aborts with the caller’s', async () => {
    const { policy } = scene({ mode });
    const controller = new AbortController();
    const call = policy.execute(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        }),
      { signal: controller.signal },
    );
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await settle();
    expect(policy.snapshot()).toMatchObject({ active: 0, overdue: 0, totals: { timeouts: 0 } });
    expect(listeners(controller.signal)).toBe(0);
  });

  it('calls that run at once have their own times, behind one timer', async () => {
    const { policy, clock } = scene({ mode });
    const ended: number[] = [];
    for (let index = 0; index < 50; index++) {
      const wait = ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      policy.execute(wait).catch(() => ended.push(index));
      expect(clock.pendingTimers).toBe(1);
      await clock.advanceAsync(1);
    }
    await clock.advanceAsync(69);
    expect(ended).toEqual(Array.from({ length: 20 }, (_, index) => index));
    await clock.advanceAsync(100);
    expect(ended).toHaveLength(50);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a time beyond 2³¹ ms does not end at once', async () => {
    const { policy, clock } = scene({ mode, after: '40d' });
    const end = createDeferred<string>();
    const call = policy.execute(() => end.promise);
    await clock.advanceAsync(39 * 86_400_000);
    expect(policy.snapshot().totals.timeouts).toBe(0);
    end.resolve('in time');
    expect(await call).toBe('in time');
  });

  it('a wall clock that is set changes nothing', async () => {
    const { policy, clock } = scene({ mode });
    const end = createDeferred<string>();
    const call = policy.execute(() => end.promise);
    clock.setEpoch(clock.epoch() + 3_600_000);
    await clock.advanceAsync(50);
    clock.setEpoch(clock.epoch() - 7_200_000);
    await clock.advanceAsync(49);
    end.resolve('in time');
    expect(await call).toBe('in time');
  });

  it('a listener that throws does not change the outcome', async () => {
    const { policy, clock } = scene({ mode });
    const warned = new Promise((resolve) => {
      process.once('warning', resolve);
    });
    policy.on('timeout', () => {
      throw new Error('listener');
    });
    const end = createDeferred<string>();
    const call = policy.execute(() => end.promise);
    call.catch(() => undefined);
    await clock.advanceAsync(100);
    end.resolve('late');
    if (mode === 'race') await expect(call).rejects.toThrow(TimeoutError);
    else expect(await call).toBe('late');
    await warned;
  });
});

describe('a race', () => {
  it('does not wait for a function that never ends, and counts it as overdue', async () => {
    const { policy, clock } = scene();
    const call = policy.execute(() => new Promise(() => undefined));
    call.catch(() => undefined);
    expect(policy.snapshot()).toMatchObject({ active: 1, overdue: 0 });
    await clock.advanceAsync(100);
    await expect(call).rejects.toThrow(TimeoutError);
    expect(policy.snapshot()).toMatchObject({ active: 0, overdue: 1, totals: { timeouts: 1 } });
  });

  it('tells what came too late, and a late rejection is not unhandled', async () => {
    const { policy, clock, late } = scene();
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', note);
    const [bad, good] = [createDeferred<string>(), createDeferred<string>()];
    const calls = [policy.execute(() => bad.promise), policy.execute(() => good.promise)];
    for (const call of calls) call.catch(() => undefined);
    await clock.advanceAsync(100);
    await clock.advanceAsync(50);
    bad.reject(new Error('late'));
    good.resolve('late');
    await settle();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    for (const call of calls) await expect(call).rejects.toThrow(TimeoutError);
    expect(late).toEqual([
      { policy: 'timeout', elapsed: 150, ok: false, error: new Error('late') },
      { policy: 'timeout', elapsed: 150, ok: true },
    ]);
    expect(policy.snapshot().overdue).toBe(0);
  });

  it('a caller who aborts does not wait for a function that ignores it', async () => {
    const { policy, clock, events } = scene();
    const controller = new AbortController();
    const end = createDeferred<string>();
    const call = policy.execute(() => end.promise, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    expect(listeners(controller.signal)).toBe(0);
    expect(policy.snapshot()).toMatchObject({ active: 0, overdue: 1 });
    await clock.advanceAsync(1000);
    end.resolve('late');
    await settle();
    expect(events).toEqual([]);
    expect(policy.snapshot()).toMatchObject({ active: 0, overdue: 0, totals: { timeouts: 0 } });
  });
});

describe('a cooperative timeout', () => {
  it('waits for a function that ignores its signal, and takes its result', async () => {
    const { policy, clock } = scene({ mode: 'cooperative' });
    const end = createDeferred<string>();
    let settled = false;
    const call = policy
      .execute(() => end.promise)
      .finally(() => {
        settled = true;
      });
    await clock.advanceAsync(1000);
    expect(settled).toBe(false);
    expect(policy.snapshot()).toMatchObject({ active: 0, overdue: 1, totals: { timeouts: 1 } });
    end.resolve('late');
    expect(await call).toBe('late');
    expect(policy.snapshot().overdue).toBe(0);
  });

  it('says that it took too long when the function then fails in its own way', async () => {
    const { policy, clock } = scene({ mode: 'cooperative' });
    const end = createDeferred<string>();
    const call = policy.execute(() => end.promise);
    call.catch(() => undefined);
    await clock.advanceAsync(100);
    const cause = new Error('socket closed');
    end.reject(cause);
    await expect(call).rejects.toMatchObject({ code: 'PERF_TIMEOUT', timeout: 100, cause });
  });
});

describe('in a pipeline', () => {
  it('a bulkhead within a race counts a call until it has ended, not until its caller was answered', async () => {
    const { policy, clock } = scene();
    const limit = bulkhead({ limit: 1, maxQueue: 0, clock });
    const composed = pipeline(policy, limit);
    const end = createDeferred<string>();
    const call = composed.execute(() => end.promise);
    call.catch(() => undefined);
    await clock.advanceAsync(100);
    await expect(call).rejects.toThrow(TimeoutError);
    await expect(composed.execute(() => 1)).rejects.toMatchObject({ code: 'PERF_BULKHEAD_FULL' });
    end.resolve('late');
    await settle();
    expect(await composed.execute(() => 1)).toBe(1);
  });

  it('a bulkhead around a cooperative one does so, too', async () => {
    const { policy, clock } = scene({ mode: 'cooperative' });
    const composed = pipeline(bulkhead({ limit: 1, maxQueue: 0, clock }), policy);
    const end = createDeferred<string>();
    const call = composed.execute(() => end.promise);
    await clock.advanceAsync(100);
    await expect(composed.execute(() => 1)).rejects.toMatchObject({ code: 'PERF_BULKHEAD_FULL' });
    end.resolve('late');
    expect(await call).toBe('late');
    expect(await composed.execute(() => 1)).toBe(1);
  });

  it('a timeout is a failure for the breaker around it, and for the one within', async () => {
    const { policy, clock } = scene();
    const [outer, inner] = [circuitBreaker({ clock }), circuitBreaker({ clock })];
    const composed = pipeline(outer, policy, inner);
    const call = composed.execute(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new DOMException('stopped', 'AbortError'));
          });
        }),
    );
    call.catch(() => undefined);
    await clock.advanceAsync(100);
    await expect(call).rejects.toThrow(TimeoutError);
    expect(outer.snapshot().totals.failed).toBe(1);
    expect(inner.snapshot().totals.failed).toBe(1);
  });
});

describe('what every policy has', () => {
  it('wrap keeps arguments, this and the name', async () => {
    const { policy } = scene();
    const target = {
      factor: 2,
      times: policy.wrap(function times(this: { factor: number }, value: number) {
        return this.factor * value;
      }),
    };
    expect(await target.times(21)).toBe(42);
    expect(target.times.name).toBe('times');
  });

  it('executeSafe resolves with the error', async () => {
    const { policy, clock } = scene();
    const result = policy.executeSafe(() => new Promise(() => undefined));
    await clock.advanceAsync(100);
    expect(await result).toMatchObject({ ok: false, error: { code: 'PERF_TIMEOUT' } });
  });

  it.each([
    ['after', undefined],
    ['after', 0],
    ['after', -1],
    ['after', Number.NaN],
    ['after', Infinity],
    ['after', '5 potatoes'],
    ['mode', 'aggressive'],
    ['name', ''],
    ['afer', 5],
  ])('an option that is not right is refused with its name: %s %s', (option, value) => {
    const make = (): unknown => timeout({ after: 100, [option]: value });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(option);
  });
});
