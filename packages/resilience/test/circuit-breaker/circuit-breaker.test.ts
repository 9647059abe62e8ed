import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { createDeferred, TimeoutError } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { circuitBreaker, type CircuitBreaker } from '../../src/circuit-breaker/circuit-breaker.ts';
import type { CircuitBreakerOptions } from '../../src/circuit-breaker/options.ts';
import type { BreakerStateEvent } from '../../src/circuit-breaker/telemetry.ts';
import { BrokenCircuitError } from '../../src/errors.ts';
import { brokenThenable, thenable } from '../fixtures/thenable.ts';

const boom = new Error('boom');
const fail = (): Promise<never> => Promise.reject(boom);
const succeed = async (): Promise<string> => 'fine';

interface Setup {
  readonly clock: ManualClock;
  readonly breaker: CircuitBreaker;
  readonly run: (fn: () => unknown, times?: number) => Promise<void>;
}

/** Opens after two failures in a row, for a second, without chance. */
function setUp(options: CircuitBreakerOptions = {}): Setup {
  const clock = new ManualClock();
  const breaker = circuitBreaker({
    clock,
    consecutiveFailures: 2,
    openPeriod: 1000,
    openPeriodJitter: 0,
    ...options,
  });
  const run = async (fn: () => unknown, times = 1): Promise<void> => {
    for (let i = 0; i < times; i++) await breaker.executeSafe(fn);
  };
  return { clock, breaker, run };
}

describe('by default', () => {
  test('it opens when half of at least 20 calls of the last 10 seconds failed', async () => {
    const clock = new ManualClock();
    const breaker = circuitBreaker({ clock });
    for (let i = 0; i < 9; i++) await breaker.executeSafe(fail);
    clock.advance(5000);
    for (let i = 0; i < 10; i++) await breaker.execute(succeed);
    expect(breaker.snapshot()).toMatchObject({
      name: 'circuitBreaker',
      state: 'closed',
      window: { calls: 19, failures: 9, failureRate: 9 / 19 },
    });
    await breaker.executeSafe(fail);
    expect(breaker.state).toBe('open');
  });

  test('failures of more than 10 seconds ago are forgotten, all of them after a pause', async () => {
    const clock = new ManualClock();
    const breaker = circuitBreaker({ clock });
    for (let i = 0; i < 15; i++) await breaker.executeSafe(fail);
    clock.advance(100_000);
    for (let i = 0; i < 15; i++) await breaker.execute(succeed);
    for (let i = 0; i < 5; i++) await breaker.executeSafe(fail);
    expect(breaker.snapshot()).toMatchObject({
      state: 'closed',
      window: { calls: 20, failures: 5 },
    });
  });
});

describe('while it is open', () => {
  test('it refuses at once, by an error that tells when and why, without a stack', async () => {
    const { breaker, clock, run } = setUp({ name: 'payments' });
    await run(fail, 2);
    clock.advance(400);
    const fn = vi.fn<() => void>();
    const error = await breaker.execute(fn).catch((refused: unknown) => refused);
    expect(error).toBeInstanceOf(BrokenCircuitError);
    expect(error).toMatchObject({
      code: 'PERF_CIRCUIT_OPEN',
      breaker: 'payments',
      retryAfter: 600,
      cause: boom,
      message: 'the circuit breaker "payments" is open; try again in 600 ms',
      stack: 'BrokenCircuitError: the circuit breaker "payments" is open; try again in 600 ms',
    });
    expect(fn).not.toHaveBeenCalled();
    expect(breaker.snapshot()).toMatchObject({ retryAfter: 600, stateFor: 400, admitted: 0 });
  });

  test('the wall clock may be set back and forth: only time that passed counts', async () => {
    const { breaker, clock, run } = setUp();
    await run(fail, 2);
    clock.setEpoch(9_000_000_000_000);
    await run(succeed);
    expect(breaker.state).toBe('open');
    clock.setEpoch(0);
    clock.advance(1000);
    expect(await breaker.execute(succeed)).toBe('fine');
  });
});

describe('half-open', () => {
  test('of ten thousand callers three are let through, and the others are refused, not queued', async () => {
    const { breaker, clock, run } = setUp();
    await run(fail, 2);
    clock.advance(1000);
    const probe = createDeferred<string>();
    let running = 0;
    const results = Array.from({ length: 10_000 }, () =>
      breaker.executeSafe(() => {
        running++;
        return probe.promise;
      }),
    );
    expect(running).toBe(3);
    expect(breaker.snapshot()).toMatchObject({
      state: 'half-open',
      probes: { pending: 3, succeeded: 0, failed: 0 },
      totals: { refused: 9997 },
    });
    probe.resolve('fine');
    const settled = await Promise.all(results);
    expect(settled.filter(({ ok }) => ok)).toHaveLength(3);
    expect(breaker.state).toBe('closed');
  });

  test('probes that never settle have failed after their time, and what they say later changes nothing', async () => {
    const { breaker, clock, run } = setUp({ probes: 2, successThreshold: 1, probeTimeout: 300 });
    await run(fail, 2);
    clock.advance(1000);
    const probe = createDeferred<string>();
    const lost = [breaker.execute(() => probe.promise), breaker.execute(() => probe.promise)];
    clock.advance(299);
    await run(succeed);
    expect(breaker.state).toBe('half-open');
    clock.advance(1);
    await run(succeed);
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfter: 2000 });
    clock.advance(2000);
    const next = createDeferred<string>();
    const third = breaker.execute(() => next.promise);
    probe.resolve('at last');
    expect(await Promise.all(lost)).toEqual(['at last', 'at last']);
    expect(breaker.snapshot()).toMatchObject({
      state: 'half-open',
      probes: { pending: 1, succeeded: 0, failed: 0 },
      totals: { late: 2 },
    });
    next.resolve('fine');
    await third;
    expect(breaker.state).toBe('closed');
  });

  test('a probe that succeeds after its time has failed, though nobody called meanwhile', async () => {
    const { breaker, clock, run } = setUp({ probes: 1, probeTimeout: 300 });
    await run(fail, 2);
    clock.advance(1000);
    const probe = createDeferred();
    const probing = breaker.execute(() => probe.promise);
    clock.advance(300);
    probe.resolve();
    await probing;
    expect(breaker.snapshot()).toMatchObject({ state: 'open', totals: { late: 1 } });
  });

  test('a failure from before it opened does not open it again', async () => {
    const { breaker, clock, run } = setUp({ probes: 1 });
    const slow = createDeferred<string>();
    const early = breaker.executeSafe(() => slow.promise);
    await run(fail, 2);
    clock.advance(1000);
    const probe = createDeferred<string>();
    const probing = breaker.execute(() => probe.promise);
    slow.reject(boom);
    expect(await early).toEqual({ ok: false, error: boom });
    expect(breaker.state).toBe('half-open');
    probe.resolve('fine');
    await probing;
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', totals: { late: 1, failed: 2 } });
  });

  test('it closes after as many successes as it wants, and opens when they are out of reach', async () => {
    const { breaker, clock, run } = setUp({ probes: 4, successThreshold: 3 });
    await run(fail, 2);
    clock.advance(1000);
    await run(fail);
    await run(succeed, 2);
    expect(breaker.snapshot().probes).toEqual({ pending: 0, succeeded: 2, failed: 1 });
    await run(succeed);
    expect(breaker.state).toBe('closed');
    await run(fail, 2);
    clock.advance(2000);
    await run(succeed, 2);
    await run(fail);
    expect(breaker.state).toBe('half-open');
    await run(fail);
    expect(breaker.state).toBe('open');
  });

  test('a probe that is ignored leaves its place to another', async () => {
    const { breaker, clock, run } = setUp({ probes: 1 });
    await run(fail, 2);
    clock.advance(1000);
    const controller = new AbortController();
    const probing = breaker.executeSafe(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener(
            'abort',
            () => {
              reject(signal.reason as Error);
            },
            { once: true },
          );
        }),
      { signal: controller.signal },
    );
    controller.abort();
    await probing;
    expect(breaker.snapshot()).toMatchObject({ state: 'half-open', probes: { pending: 0 } });
    await run(succeed);
    expect(breaker.state).toBe('closed');
  });
});

describe('the open period', () => {
  test('grows with each recovery that fails, up to its maximum', async () => {
    const { breaker, clock, run } = setUp({ probes: 1, maxOpenPeriod: 3000 });
    const periods: number[] = [];
    breaker.on('state', ({ to, openFor }) => {
      if (to === 'open') periods.push(openFor);
    });
    await run(fail, 2);
    for (let i = 0; i < 4; i++) {
      clock.advance(breaker.snapshot().retryAfter);
      await run(fail);
    }
    expect(periods).toEqual([1000, 2000, 3000, 3000, 3000]);
  });

  test('grows when it opens soon after it closed, and begins anew when the recovery held', async () => {
    const { breaker, clock, run } = setUp({ probes: 1 });
    await run(fail, 2);
    clock.advance(1000);
    await run(succeed);
    clock.advance(900);
    await run(fail, 2);
    expect(breaker.snapshot().retryAfter).toBe(2000);
    clock.advance(2000);
    await run(succeed);
    clock.advance(2001);
    await run(fail, 2);
    expect(breaker.snapshot().retryAfter).toBe(1000);
  });

  test('begins anew after a reset and after an isolation', async () => {
    const { breaker, clock, run } = setUp({ probes: 1 });
    await run(fail, 2);
    clock.advance(1000);
    await run(fail);
    breaker.reset();
    await run(fail, 2);
    expect(breaker.snapshot().retryAfter).toBe(1000);
    clock.advance(1000);
    await run(succeed);
    breaker.isolate().release();
    await run(fail, 2);
    expect(breaker.snapshot().retryAfter).toBe(1000);
  });

  test.each([
    [0, 1000],
    [0.5, 900],
    [0.999, 800.2],
  ])('with a jitter of 0.2 and chance %d is %d ms', async (chance, period) => {
    const { breaker, run } = setUp({ openPeriodJitter: 0.2, random: () => chance });
    let openFor = 0;
    breaker.on('state', (change) => {
      ({ openFor } = change);
    });
    await run(fail, 2);
    expect(openFor).toBeCloseTo(period, 6);
  });
});

describe('a ramp-up', () => {
  test('lets through a growing part of the calls after a recovery, evenly spread', async () => {
    const { breaker, clock, run } = setUp({ probes: 1, rampUp: 1000 });
    await run(fail, 2);
    clock.advance(1000);
    await run(succeed);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', admitted: 0.1 });
    const admitted: number[] = [];
    for (let step = 0; step < 11; step++) {
      let count = 0;
      for (let call = 0; call < 100; call++) {
        const permit = breaker.tryAcquire();
        if (permit > 0) {
          count++;
          breaker.success(permit);
        }
      }
      admitted.push(count);
      clock.advance(100);
    }
    const expected = [10, 19, 28, 37, 46, 55, 64, 73, 82, 91, 100];
    for (const [step, count] of admitted.entries()) {
      expect(Math.abs(count - (expected[step] as number))).toBeLessThanOrEqual(1);
    }
    expect(breaker.snapshot().admitted).toBe(1);
  });

  test('tells the refused when it will be over, and ends with a reset', async () => {
    const { breaker, clock, run } = setUp({ probes: 1, rampUp: 1000 });
    await run(fail, 2);
    clock.advance(1000);
    await run(succeed);
    clock.advance(300);
    await run(succeed);
    const refused = await breaker.executeSafe(succeed);
    expect(refused).toMatchObject({ ok: false, error: { retryAfter: 700 } });
    breaker.reset();
    expect(breaker.snapshot().admitted).toBe(1);
  });
});

describe('what counts', () => {
  test.each<[string, () => unknown]>([
    [
      'throws before it returns',
      () => {
        throw boom;
      },
    ],
    ['rejects', fail],
    [
      'returns a thenable that rejects',
      () =>
        thenable((_: unknown, reject: (error: Error) => void) => {
          reject(boom);
        }),
    ],
    ['returns a thenable that cannot be read', () => brokenThenable(boom)],
    ['timed out', () => Promise.reject(new TimeoutError('it', 1))],
  ])('a function that %s has failed', async (_, fn) => {
    const { breaker, run } = setUp();
    await run(fn, 2);
    expect(breaker.state).toBe('open');
  });

  test.each([undefined, null, 0, 5, ''])('%o is a value like others', async (value) => {
    const { breaker } = setUp({ consecutiveFailures: 1 });
    expect(await breaker.execute(() => value)).toBe(value);
    expect(breaker.snapshot()).toMatchObject({
      state: 'closed',
      totals: { succeeded: 1, failed: 0 },
    });
  });

  test('a call that its caller gave up does not, whatever it rejects with', async () => {
    const { breaker, run } = setUp({ consecutiveFailures: 1 });
    await run(() => Promise.reject(new DOMException('', 'AbortError')));
    const controller = new AbortController();
    const call = createDeferred();
    const result = breaker.executeSafe(() => call.promise, { signal: controller.signal });
    controller.abort();
    call.reject(boom);
    await result;
    expect(breaker.snapshot()).toMatchObject({
      state: 'closed',
      totals: { ignored: 2, failed: 0 },
    });
  });

  test('a classifier decides, about values too', async () => {
    const { breaker, run } = setUp({
      classify: (outcome) => {
        if (!outcome.ok) return 'ignore';
        return outcome.value === 503 ? 'failure' : 'success';
      },
    });
    await run(fail, 5);
    await run(() => 200);
    expect(breaker.state).toBe('closed');
    expect(await breaker.execute(() => 503)).toBe(503);
    await run(() => 503);
    expect(breaker.snapshot()).toMatchObject({ state: 'open', totals: { failed: 2, ignored: 5 } });
  });

  test('slow calls do, whether they succeed or not', async () => {
    const { breaker, clock } = setUp({
      consecutiveFailures: undefined,
      slowCallRate: 0.5,
      slowCallDuration: 100,
      window: { calls: 4 },
    });
    const take = async (duration: number): Promise<void> => {
      const call = createDeferred();
      const result = breaker.execute(() => call.promise);
      clock.advance(duration);
      call.resolve();
      await result;
    };
    await take(99);
    await take(100);
    await take(5);
    expect(breaker.snapshot().window).toMatchObject({ calls: 3, slow: 1, failures: 0 });
    const reasons: string[] = [];
    breaker.on('state', ({ reason }) => reasons.push(reason));
    await take(250);
    expect([breaker.state, reasons]).toEqual(['open', ['slow-call-rate']]);
    clock.advance(1000);
    await take(100);
    expect(breaker.state).toBe('open');
  });

  test('a permit that is given back twice counts once where calls are timed', () => {
    const { breaker } = setUp({ slowCallRate: 1, slowCallDuration: 10, window: { calls: 9 } });
    const permit = breaker.tryAcquire();
    breaker.success(permit);
    breaker.success(permit);
    const other = breaker.tryAcquire();
    breaker.success(permit + 0);
    breaker.failure(other);
    expect(breaker.snapshot().window.calls).toBe(2);
  });
});

describe('isolation', () => {
  test('refuses all calls until it is released, and closes if it was closed', async () => {
    const { breaker, run } = setUp();
    const isolation = breaker.isolate();
    const refused = await breaker.executeSafe(succeed);
    expect(refused).toMatchObject({
      ok: false,
      error: { retryAfter: Infinity, message: expect.stringContaining('reset()') as string },
    });
    expect(breaker.snapshot()).toMatchObject({ state: 'isolated', retryAfter: Infinity });
    isolation.release();
    isolation.release();
    await run(succeed);
    expect(breaker.snapshot()).toMatchObject({
      state: 'closed',
      totals: { succeeded: 1, opened: 0 },
    });
  });

  test('lasts until the last one is released, and ends with its block', () => {
    const { breaker } = setUp();
    const outer = breaker.isolate();
    {
      using inner = breaker.isolate();
      expect(breaker.state).toBe('isolated');
      outer.release();
      outer.release();
      expect([breaker.state, inner === outer]).toEqual(['isolated', false]);
    }
    expect(breaker.state).toBe('closed');
  });

  test('probes first if it was open before', async () => {
    const { breaker, run } = setUp();
    await run(fail, 2);
    breaker.isolate().release();
    expect(breaker.state).toBe('half-open');
  });

  test('ends with a reset, and a release after that does nothing', async () => {
    const { breaker, run } = setUp();
    await run(fail, 2);
    const isolation = breaker.isolate();
    breaker.reset();
    expect(breaker.state).toBe('closed');
    await run(fail, 2);
    isolation.release();
    expect(breaker.state).toBe('open');
  });
});

test('a reset forgets everything, and calls under way count no more', async () => {
  const { breaker, run } = setUp();
  await run(fail);
  const call = createDeferred();
  const early = breaker.executeSafe(() => call.promise);
  breaker.reset();
  call.reject(boom);
  await early;
  await run(fail);
  expect(breaker.snapshot()).toMatchObject({ state: 'closed', consecutiveFailures: 1 });
});

describe('it tells', () => {
  test('every change of state, to listeners and on a channel', async () => {
    const { breaker, clock, run } = setUp({ name: 'payments', probes: 1 });
    const heard: BreakerStateEvent[] = [];
    const published: unknown[] = [];
    const onMessage = (message: unknown): void => {
      published.push(message);
    };
    subscribe('perf:breaker:state', onMessage);
    const off = breaker.on('state', (change) => heard.push(change));
    await run(fail, 2);
    clock.advance(1000);
    await run(succeed);
    unsubscribe('perf:breaker:state', onMessage);
    off();
    breaker.isolate();
    expect(heard).toEqual([
      {
        policy: 'payments',
        from: 'closed',
        to: 'open',
        reason: 'consecutive-failures',
        openFor: 1000,
        cause: boom,
      },
      {
        policy: 'payments',
        from: 'open',
        to: 'half-open',
        reason: 'open-period-over',
        openFor: 0,
        cause: undefined,
      },
      {
        policy: 'payments',
        from: 'half-open',
        to: 'closed',
        reason: 'probes-succeeded',
        openFor: 0,
        cause: undefined,
      },
    ]);
    expect(published).toEqual(heard);
  });

  test('every failure and every refusal', async () => {
    const { breaker, run } = setUp({ name: 'payments' });
    const heard: unknown[] = [];
    breaker.on('failure', (failure) => heard.push(failure));
    breaker.on('refused', (refusal) => heard.push(refusal));
    await run(fail, 3);
    expect(heard).toEqual([
      { policy: 'payments', error: boom, state: 'closed' },
      { policy: 'payments', error: boom, state: 'closed' },
      { policy: 'payments', state: 'open', retryAfter: 1000 },
    ]);
  });

  test('a listener that throws changes neither results nor counters', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { breaker } = setUp();
    for (const event of ['state', 'failure', 'refused'] as const) {
      breaker.on(event, () => {
        throw new Error('bad listener');
      });
    }
    await expect(breaker.execute(fail)).rejects.toBe(boom);
    await expect(breaker.execute(fail)).rejects.toBe(boom);
    await expect(breaker.execute(fail)).rejects.toThrow(BrokenCircuitError);
    expect(warn).toHaveBeenCalledTimes(4);
    expect(breaker.snapshot().totals).toMatchObject({ failed: 2, succeeded: 0, refused: 1 });
  });

  test('a listener may change its state', async () => {
    const { breaker, clock, run } = setUp();
    breaker.on('failure', () => {
      breaker.reset();
    });
    await run(fail, 5);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
    breaker.on('state', ({ to }) => {
      if (to === 'half-open') breaker.isolate();
    });
    breaker.isolate().release();
    const other = setUp({ clock });
    other.breaker.on('state', ({ to }) => {
      if (to === 'half-open') other.breaker.isolate();
    });
    await other.run(fail, 2);
    clock.advance(1000);
    expect(await other.breaker.executeSafe(succeed)).toMatchObject({ ok: false });
    expect(other.breaker.state).toBe('isolated');
  });
});

test('it sets no timer and leaves no listener on the caller’s signal', async () => {
  const { breaker, clock, run } = setUp({ rampUp: '1s', slowCallRate: 1, slowCallDuration: '1s' });
  const { signal } = new AbortController();
  for (const fn of [succeed, fail, fail, succeed]) await breaker.executeSafe(fn, { signal });
  clock.advance(5000);
  await run(succeed, 5);
  expect(clock.pendingTimers).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('refusals that somebody catches are no unhandled rejections', async () => {
  const seen = vi.fn<(error: unknown) => void>();
  process.on('unhandledRejection', seen);
  const { breaker, run } = setUp();
  await run(fail, 2);
  await Promise.allSettled(Array.from({ length: 100 }, () => breaker.execute(succeed)));
  await settle();
  process.off('unhandledRejection', seen);
  expect(seen).not.toHaveBeenCalled();
});

test.each<[object, string]>([
  [{ failureRate: 0 }, 'circuitBreaker.failureRate'],
  [{ failureRate: 1.1 }, 'circuitBreaker.failureRate'],
  [{ failureRate: -0.5 }, 'circuitBreaker.failureRate'],
  [{ failureRate: Number.NaN }, 'circuitBreaker.failureRate'],
  [{ failureRate: Infinity }, 'circuitBreaker.failureRate'],
  [{ failureRate: '0.5' }, 'circuitBreaker.failureRate'],
  [{ slowCallRate: 0.5 }, 'circuitBreaker.slowCallDuration'],
  [{ slowCallDuration: '1s' }, 'circuitBreaker.slowCallRate'],
  [{ slowCallDuration: 0, slowCallRate: 1 }, 'circuitBreaker.slowCallDuration'],
  [{ slowCallDuration: 1, slowCallRate: 2 }, 'circuitBreaker.slowCallRate'],
  [{ consecutiveFailures: 0 }, 'circuitBreaker.consecutiveFailures'],
  [{ consecutiveFailures: 1.5 }, 'circuitBreaker.consecutiveFailures'],
  [{ window: {} }, 'circuitBreaker.window'],
  [{ window: { calls: 5, time: 5 } }, 'circuitBreaker.window'],
  [{ window: { calls: 0 } }, 'circuitBreaker.window.calls'],
  [{ window: { time: '0s' } }, 'circuitBreaker.window.time'],
  [{ window: { time: 5, buckets: 10 } }, 'circuitBreaker.window.time'],
  [{ window: { time: 5, buckets: 0 } }, 'circuitBreaker.window.buckets'],
  [{ window: { time: 50, bucket: 1 } }, 'circuitBreaker.window.bucket'],
  [{ window: 5 }, 'circuitBreaker.window'],
  [{ minimumThroughput: 0 }, 'circuitBreaker.minimumThroughput'],
  [{ minimumThroughput: 11, window: { calls: 10 } }, 'circuitBreaker.minimumThroughput'],
  [{ openPeriod: -1 }, 'circuitBreaker.openPeriod'],
  [{ openPeriod: '5 minutes' }, 'circuitBreaker.openPeriod'],
  [{ openPeriodFactor: 0.5 }, 'circuitBreaker.openPeriodFactor'],
  [{ openPeriod: 10, maxOpenPeriod: 5 }, 'circuitBreaker.maxOpenPeriod'],
  [{ openPeriodJitter: 1.5 }, 'circuitBreaker.openPeriodJitter'],
  [{ probes: 0 }, 'circuitBreaker.probes'],
  [{ probes: 2, successThreshold: 3 }, 'circuitBreaker.successThreshold'],
  [{ probeTimeout: 0 }, 'circuitBreaker.probeTimeout'],
  [{ rampUp: -1 }, 'circuitBreaker.rampUp'],
  [{ classify: 'x' }, 'circuitBreaker.classify'],
  [{ random: 5 }, 'circuitBreaker.random'],
  [{ name: '' }, 'circuitBreaker.name'],
  [{ treshold: 5 }, 'circuitBreaker.treshold'],
  [{ name: null }, 'circuitBreaker.name'],
])('%o is refused', (options, option) => {
  expect(() => circuitBreaker(options)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
  );
});

test('a minimum throughput above the default fits a longer window of calls', () => {
  expect(() => circuitBreaker({ window: { calls: 5 } })).not.toThrow();
  expect(() => circuitBreaker({ openPeriod: '5m' })).not.toThrow();
});
