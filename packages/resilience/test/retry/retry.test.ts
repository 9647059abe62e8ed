import { getEventListeners } from 'node:events';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { BrokenCircuitError } from '../../src/errors.ts';
import { retryBudget } from '../../src/retry/retry-budget.ts';
import { retry, type Retry } from '../../src/retry/retry.ts';
import { isTransientResponse } from '../../src/retry/transient/http.ts';
import type { RetryOptions } from '../../src/retry/options.ts';

const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

function setUp(options: RetryOptions = {}): { clock: ManualClock; policy: Retry } {
  const clock = new ManualClock();
  const policy = retry({
    clock,
    backoff: { kind: 'constant', base: 100, jitter: 'none' },
    ...options,
  });
  return { clock, policy };
}

/** Fails so many times, then succeeds. */
function failing(
  times: number,
  error: unknown = reset,
): { fn: () => Promise<number>; calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    fn: async () => {
      if (++calls <= times) throw error;
      return calls;
    },
  };
}

describe('a retry', () => {
  test.each(['retryIf', 'retryIfValue', 'retryAfter'] as const)(
    'keeps to the outcome when %s throws, and reports that',
    async (option) => {
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const broken = (): never => {
        throw new Error('broken');
      };
      const { clock, policy } = setUp({ maxAttempts: 2, [option]: broken });
      const fails = option !== 'retryIfValue';
      const result = policy.executeSafe(() => (fails ? Promise.reject(reset) : 'value'));
      await clock.advanceAsync(1000);
      expect(await result).toEqual(
        fails ? { ok: false, error: reset } : { ok: true, value: 'value' },
      );
      expect(warned).toHaveBeenCalledOnce();
      expect(policy.snapshot().totals.retries).toBe(option === 'retryAfter' ? 1 : 0);
    },
  );

  test('tries again after its waits, and tells the number of the try', async () => {
    const { clock, policy } = setUp();
    const attempts: number[] = [];
    const result = policy.execute(({ attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw reset;
      return attempt;
    });
    await clock.advanceAsync(99);
    expect([attempts, policy.snapshot().waiting]).toEqual([[1], 1]);
    await clock.advanceAsync(1);
    expect(attempts).toEqual([1, 2]);
    await clock.advanceAsync(100);
    expect(await result).toBe(3);
    expect(policy.snapshot()).toEqual({
      name: 'retry',
      waiting: 0,
      totals: {
        calls: 1,
        retries: 2,
        recovered: 1,
        gaveUp: { attempts: 0, deadline: 0, budget: 0, 'retry-after': 0 },
      },
    });
  });

  test('rejects with the last error when its tries are used up', async () => {
    const { clock, policy } = setUp();
    const events: unknown[] = [];
    policy.on('retry', ({ attempt, delay }) => events.push([attempt, delay]));
    policy.on('giveUp', ({ reason, attempts }) => events.push([reason, attempts]));
    const errors = [1, 2, 3].map((n) => Object.assign(new Error(`${n}`), { code: 'EPIPE' }));
    const result = policy.executeSafe(({ attempt }) =>
      Promise.reject(errors[attempt - 1] as Error),
    );
    await clock.advanceAsync(1000);
    expect(await result).toEqual({ ok: false, error: errors[2] });
    expect(events).toEqual([
      [2, 100],
      [3, 100],
      ['attempts', 3],
    ]);
  });

  test.each<[string, unknown]>([
    ['an error of the program', new TypeError('undefined is not a function')],
    ['a refusal', new BrokenCircuitError('b', 10)],
    ['an abort', new DOMException('', 'AbortError')],
    ['nothing at all', null],
  ])('does not try again, by default, after %s', async (_, error) => {
    const { policy } = setUp();
    const { fn, calls } = failing(1, error);
    expect(await policy.executeSafe(fn)).toEqual({ ok: false, error });
    expect(calls()).toBe(1);
  });

  test('goes by retryIf and retryIfValue, and ends with the last value', async () => {
    const { policy } = setUp({
      backoff: [0, 0],
      retryIf: (error) => error === 'again',
      retryIfValue: (value) => value === 503,
    });
    const outcomes: unknown[] = [];
    const run = (script: readonly (() => unknown)[]): Promise<unknown> => {
      let at = 0;
      return policy
        .executeSafe(() => (script[at++] as () => unknown)())
        .then((one) => outcomes.push(one));
    };
    const again = (): never => {
      throw 'again' as unknown as Error;
    };
    await run([again, (): number => 503, (): number => 200]);
    await run([(): number => 503, (): number => 503, (): number => 503]);
    expect(outcomes).toEqual([
      { ok: true, value: 200 },
      { ok: true, value: 503 },
    ]);
    expect(policy.snapshot().totals).toMatchObject({ recovered: 1, gaveUp: { attempts: 1 } });
  });

  test('an abort ends the wait at once, with its reason, leaving neither timer nor listener', async () => {
    const { clock, policy } = setUp();
    const controller = new AbortController();
    const { fn, calls } = failing(9);
    const result = policy.executeSafe(fn, { signal: controller.signal });
    await settle();
    const reason = new Error('gone');
    controller.abort(reason);
    expect(await result).toEqual({ ok: false, error: reason });
    expect([calls(), clock.pendingTimers, policy.snapshot().waiting]).toEqual([1, 0, 0]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('does not try again what its caller gave up during the try', async () => {
    const { policy } = setUp();
    const controller = new AbortController();
    let calls = 0;
    const result = await policy.executeSafe(
      () => {
        calls++;
        controller.abort();
        throw reset;
      },
      { signal: controller.signal },
    );
    expect([result, calls]).toEqual([{ ok: false, error: reset }, 1]);
  });

  test('does not wait for a try that the deadline forbids', async () => {
    const { clock, policy } = setUp({ maxAttempts: 9 });
    const { fn, calls } = failing(9);
    const result = policy.executeSafe(fn, { deadline: 201 });
    await clock.advanceAsync(200);
    expect(await result).toEqual({ ok: false, error: reset });
    expect([calls(), clock.pendingTimers]).toEqual([3, 0]);
    expect(policy.snapshot().totals.gaveUp.deadline).toBe(1);
  });

  test('waits for as long as the other side wants, never less, and not at all when that is too long', async () => {
    const { clock, policy } = setUp({ backoff: [5, 5, 5], maxAttempts: 9 });
    const limited = { status: 429, headers: { 'retry-after': '2' } };
    const { fn, calls } = failing(1, limited);
    const result = policy.execute(fn);
    await clock.advanceAsync(1999);
    expect(calls()).toBe(1);
    await clock.advanceAsync(1);
    expect(await result).toBe(2);
    const tooLong = { status: 503, headers: new Headers({ 'Retry-After': '3600' }) };
    expect(await policy.executeSafe(failing(1, tooLong).fn)).toEqual({ ok: false, error: tooLong });
    expect(policy.snapshot().totals.gaveUp['retry-after']).toBe(1);
  });

  test('ends with its iterable, which begins anew for each call', async () => {
    const { clock, policy } = setUp({ maxAttempts: Infinity, backoff: new Set([10, 20] as const) });
    for (let call = 0; call < 2; call++) {
      const { fn, calls } = failing(99);
      const result = policy.executeSafe(fn);
      await clock.advanceAsync(30);
      expect(await result).toMatchObject({ ok: false });
      expect(calls()).toBe(3);
    }
  });

  test('stops when the budget that it shares is empty', async () => {
    const clock = new ManualClock();
    const budget = retryBudget({ clock, ratio: 0.1, minPerSecond: 0.2, window: '10s' });
    const { policy } = setUp({ backoff: [0], budget });
    const other = setUp({ backoff: [0], budget }).policy;
    for (let i = 0; i < 20; i++) await (i % 2 ? policy : other).executeSafe(failing(9).fn);
    const { totals } = policy.snapshot();
    expect(totals.retries + other.snapshot().totals.retries).toBe(4);
    expect(totals.gaveUp.budget).toBeGreaterThan(5);
  });

  test('a thousand waits hold no timer once they are over', async () => {
    const { clock, policy } = setUp();
    const results = Array.from({ length: 1000 }, () => policy.executeSafe(failing(1).fn));
    await clock.advanceAsync(100);
    expect((await Promise.all(results)).every(({ ok }) => ok)).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});

test.each<[object, string]>([
  [{ maxAttempts: 0 }, 'retry.maxAttempts'],
  [{ maxAttempts: 2.5 }, 'retry.maxAttempts'],
  [{ backoff: { kind: 'fibonacci' } }, 'retry.backoff.kind'],
  [{ backoff: { base: -1 } }, 'retry.backoff.base'],
  [{ backoff: { base: 10, max: 5 } }, 'retry.backoff.max'],
  [{ backoff: { factor: 0 } }, 'retry.backoff.factor'],
  [{ backoff: { factor: Number.NaN } }, 'retry.backoff.factor'],
  [{ backoff: { jitter: 'some' } }, 'retry.backoff.jitter'],
  [{ backoff: [10, -1] }, 'retry.backoff'],
  [{ backoff: [10, Number.NaN] }, 'retry.backoff'],
  [{ backoff: '100ms' }, 'retry.backoff'],
  [{ backoff: 100 }, 'retry.backoff'],
  [{ retryIf: true }, 'retry.retryIf'],
  [{ retryIfValue: 503 }, 'retry.retryIfValue'],
  [{ retryAfter: 5 }, 'retry.retryAfter'],
  [{ maxRetryAfter: -1 }, 'retry.maxRetryAfter'],
  [{ budget: {} }, 'retry.budget'],
  [{ attempts: 3 }, 'retry.attempts'],
])('%o is refused', (options, option) => {
  expect(() => retry(options)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
  );
});

test('a response that is not the last one is let go, the last one is not', async () => {
  const { clock, policy } = setUp({ maxAttempts: 2, retryIfValue: isTransientResponse });
  const cancelled: number[] = [];
  let calls = 0;
  const call = policy.execute(() => {
    const number = ++calls;
    const body = new ReadableStream({ cancel: () => void cancelled.push(number) });
    return new Response(body, { status: 503 });
  });
  await clock.advanceAsync(1000);
  const last = await call;
  expect([calls, cancelled, last.status]).toEqual([2, [1], 503]);
});

test('any number of tries may follow each other', async () => {
  const { clock, policy } = setUp({
    maxAttempts: Infinity,
    backoff: { kind: 'constant', base: 1, jitter: 'none' },
  });
  const { signal } = new AbortController();
  let last: AbortSignal | undefined;
  const call = policy.execute(
    (context) => {
      if (context.attempt < 20_000) throw reset;
      last = context.signal;
      return context.attempt;
    },
    { signal },
  );
  for (let step = 0; step < 20; step++) await clock.advanceAsync(1000);
  expect(await call).toBe(20_000);
  expect(last).toBe(signal);
});

test.each([
  ['without options', undefined],
  ['with options', {}],
])('a call %s whose first try succeeds is counted, and told to the budget', async (_, options) => {
  const told: boolean[] = [];
  const budget = {
    record: (ok: boolean) => {
      told.push(ok);
    },
    tryWithdraw: () => true,
    available: 1,
  };
  const { policy } = setUp({ budget });
  await expect(policy.execute(async () => 'value', options)).resolves.toBe('value');
  expect(policy.snapshot().totals).toMatchObject({ calls: 1, retries: 0, recovered: 0 });
  expect(told).toEqual([true]);
});

test('an error that cannot be looked at is not tried again, and reaches the caller as it is', async () => {
  const { policy } = setUp();
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const unreadable = {
    get code() {
      throw new Error('code');
    },
  };
  for (const thrown of [proxy, unreadable]) {
    const { fn, calls } = failing(1, thrown);
    const outcome = await policy.executeSafe(fn);
    expect(!outcome.ok && Object.is(outcome.error, thrown)).toBe(true);
    expect(calls()).toBe(1);
  }
});

test('a wait of NaN that the other side is said to want is none', async () => {
  const { clock, policy } = setUp({ retryAfter: () => NaN });
  const delays: number[] = [];
  policy.on('retry', ({ delay }) => delays.push(delay));
  const result = policy.execute(failing(2).fn);
  await clock.advanceAsync(200);
  expect(delays).toEqual([100, 100]);
  await expect(result).resolves.toBe(3);
});
