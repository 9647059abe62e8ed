import { getEventListeners } from 'node:events';
import { createDeferred, TimeoutError, type Policy } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.ts';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.ts';
import type { ExecutionContext } from '../../src/execution/resilience-policy.ts';
import { fallback } from '../../src/fallback/fallback.ts';
import { pipeline, standard } from '../../src/pipeline/pipeline.ts';
import { retry } from '../../src/retry/retry.ts';
import { timeout } from '../../src/timeout/timeout.ts';

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  vi.spyOn(process, 'emitWarning').mockImplementation((warning, options) => {
    warnings.push(`${(options as { type: string }).type}: ${String(warning)}`);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

describe('a pipeline', () => {
  test('counts every try at the breaker within, and retries no refusal', async () => {
    const clock = new ManualClock();
    const breaker = circuitBreaker({ clock, consecutiveFailures: 2 });
    const policy = pipeline(
      retry({ clock, maxAttempts: 5, backoff: [0, 0, 0, 0] }),
      breaker,
      bulkhead({ clock, limit: 1 }),
    );
    let tries = 0;
    const result = await policy.executeSafe(() => {
      tries++;
      throw reset;
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'PERF_CIRCUIT_OPEN' } });
    expect([tries, breaker.snapshot().totals.failed]).toEqual([2, 2]);
  });

  test('falls back after a refusal', async () => {
    const breaker = circuitBreaker();
    breaker.isolate();
    const policy = pipeline(fallback({ to: () => 'stale' }), breaker);
    expect(await policy.execute(() => 'fresh')).toBe('stale');
  });

  test('tells the function the attempt, the deadline, the priority and a signal that each timeout aborts', async () => {
    const clock = new ManualClock();
    const policy = pipeline(
      timeout({ clock, after: 1000 }),
      retry({ clock, backoff: [100] }),
      timeout({ clock, after: 300 }),
    );
    const seen: ExecutionContext[] = [];
    const result = policy.executeSafe(
      (context) => {
        seen.push(context);
        return new Promise<never>((_, reject) => {
          context.signal.addEventListener(
            'abort',
            () => {
              reject(context.signal.reason as Error);
            },
            { once: true },
          );
        });
      },
      { priority: 8 },
    );
    await clock.advanceAsync(2000);
    expect(await result).toMatchObject({
      ok: false,
      error: { code: 'PERF_TIMEOUT', timeout: 300 },
    });
    expect(seen.map(({ attempt, deadline, priority }) => [attempt, deadline, priority])).toEqual([
      [1, 300, 8],
      [2, 700, 8],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('hands a foreign policy its signal, and the function what that hands on', async () => {
    const controller = new AbortController();
    const signals: unknown[] = [];
    const foreign: Policy = {
      execute: async (fn, call) => {
        signals.push(call?.signal);
        return fn({ signal: controller.signal });
      },
    };
    const bare = { execute: async (fn: () => unknown) => fn() } as unknown as Policy;
    const policy = pipeline(retry(), foreign, bulkhead({ limit: 1 }), bare);
    const { signal } = new AbortController();
    const context = await policy.execute((given) => given, { signal, priority: 3, deadline: 1e15 });
    expect(signals).toEqual([signal]);
    expect(context).toMatchObject({
      signal: controller.signal,
      priority: 3,
      deadline: 1e15,
      attempt: 1,
    });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('gives up a place that came too late, and passes it on', async () => {
    const limit = bulkhead({ limit: 1 });
    const policy = pipeline(retry(), limit);
    limit.tryAcquire();
    const controller = new AbortController();
    const fn = vi.fn<() => void>();
    const result = policy.executeSafe(fn, { signal: controller.signal });
    await settle();
    limit.release();
    const reason = new Error('gone');
    controller.abort(reason);
    expect(await result).toEqual({ ok: false, error: reason });
    expect(fn).not.toHaveBeenCalled();
    expect(limit.snapshot().active).toBe(0);
  });

  test('takes the policies of a pipeline within as its own', () => {
    const [a, b, c] = [retry(), circuitBreaker(), bulkhead({ limit: 1 })];
    const policy = pipeline(a, pipeline(b, c));
    expect(policy.policies).toEqual([a, b, c]);
    expect(policy.snapshot()).toEqual({
      name: 'pipeline',
      policies: [a.snapshot(), b.snapshot(), c.snapshot()],
    });
  });

  test('does not begin what nobody wants any more', async () => {
    const fn = vi.fn<() => void>();
    const reason = new Error('gone');
    for (const policy of [
      pipeline(retry(), circuitBreaker()),
      pipeline(timeout({ after: '5s' })),
    ]) {
      await expect(policy.execute(fn, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    }
    expect(fn).not.toHaveBeenCalled();
  });

  test.each([undefined, null, 0, 5])('takes a function that returns %o', async (value) => {
    expect(await pipeline(retry(), circuitBreaker()).execute(() => value)).toBe(value);
    expect(await pipeline(timeout({ after: '5s' }), circuitBreaker()).execute(() => value)).toBe(
      value,
    );
  });
});

describe('a composition', () => {
  const twice = bulkhead({ limit: 1 });
  test.each<[string, readonly unknown[], string]>([
    ['of nothing', [], 'pipeline must be of at least one policy'],
    ['of what is no policy', [retry(), {}], 'pipeline[1] must be a policy'],
    ['of undefined', [undefined], 'pipeline[0] must be a policy'],
    [
      'with a policy twice',
      [twice, retry(), twice],
      'pipeline[2] must be another policy than pipeline[0]',
    ],
    [
      'with a policy twice, once in a pipeline within',
      [twice, pipeline(twice)],
      'pipeline[1] must be another',
    ],
  ])('%s is refused', (_, policies, message) => {
    expect(() => pipeline(...(policies as Policy[]))).toThrow(message);
  });

  test('that seldom makes sense is warned of', () => {
    pipeline(circuitBreaker(), retry());
    pipeline(retry(), fallback({ to: () => 1 }));
    pipeline(fallback({ to: () => 1 }), retry(), circuitBreaker());
    expect(warnings).toEqual([
      expect.stringContaining(
        'PerfPipelineWarning: pipeline[1], a retry, is inside of pipeline[0], a circuit breaker',
      ),
      expect.stringContaining(
        'PerfPipelineWarning: pipeline[1], a fallback, is inside of pipeline[0], a retry',
      ),
    ]);
  });
});

describe('standard', () => {
  test('is a timeout of the whole, a retry with a budget, a breaker and a timeout of each try', async () => {
    const clock = new ManualClock();
    const policy = standard({ name: 'payments', clock, random: () => 0.5 });
    const never = createDeferred<never>();
    let tries = 0;
    const result = policy.executeSafe(() => {
      tries++;
      return never.promise;
    });
    await clock.advanceAsync(20_000);
    const { ok, error } = (await result) as { ok: false; error: unknown };
    expect([ok, tries, error]).toEqual([false, 3, expect.any(TimeoutError)]);
    expect((error as TimeoutError).timeout).toBe(3000);
    expect(policy.snapshot()).toMatchObject({
      name: 'payments',
      policies: [
        { name: 'payments', totals: { timeouts: 0 } },
        { totals: { retries: 2 } },
        { state: 'closed', totals: { failed: 3 } },
        { totals: { timeouts: 3 } },
      ],
    });
    expect(warnings).toEqual([]);
  });

  test('has a rate limit outside of all when it is given one, and takes a breaker that others use', async () => {
    const clock = new ManualClock();
    const circuit = circuitBreaker();
    const policy = standard({ clock, circuitBreaker: circuit, rateLimit: { rate: 1, burst: 1 } });
    expect(policy.policies).toHaveLength(5);
    expect(policy.policies[3]).toBe(circuit);
    expect(await policy.executeSafe(() => 1)).toEqual({ ok: true, value: 1 });
    expect(await policy.executeSafe(() => 1)).toMatchObject({
      ok: false,
      error: { code: 'PERF_RATE_LIMITED' },
    });
    expect(circuit.snapshot().totals.succeeded).toBe(1);
  });

  test.each<[object, string]>([
    [{ timeout: 0 }, 'standard.timeout'],
    [{ timeout: 100, attemptTimeout: 200 }, 'standard.attemptTimeout'],
    [{ circuitBreaker: 5 }, 'standard.circuitBreaker'],
    [{ circuitBreaker: { probes: 0 } }, 'circuitBreaker.probes'],
    [{ retry: { maxAttempts: 0 } }, 'retry.maxAttempts'],
    [{ rateLimit: { rate: 0 } }, 'tokenBucket.rate'],
    [{ breaker: {} }, 'standard.breaker'],
  ])('%o is refused', (options, option) => {
    expect(() => standard(options)).toThrow(
      expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
    );
  });
});
