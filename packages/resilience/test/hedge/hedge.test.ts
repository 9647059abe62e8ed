import { getEventListeners } from 'node:events';
import { createDeferred, seededRandom, type Deferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import {
  circuitBreaker,
  hedge,
  HedgeFailedError,
  HedgeLostError,
  isTransientError,
  pipeline,
  type ExecutionContext,
  type HedgeEvent,
  type HedgeOptions,
} from '../../src/index.ts';

function scene(options: Partial<HedgeOptions> = {}) {
  const clock = new ManualClock();
  const policy = hedge({ clock, delay: 100, ...options });
  const attempts: (Deferred<unknown> & { readonly context: ExecutionContext })[] = [];
  const events: HedgeEvent[] = [];
  policy.on('hedge', (event) => events.push(event));
  const fn = (context: ExecutionContext): Promise<unknown> => {
    const end = createDeferred<unknown>();
    attempts.push({ ...end, context });
    return end.promise;
  };
  return { clock, policy, attempts, events, fn };
}

describe('a call', () => {
  it('that ends before the delay is made once', async () => {
    const { policy, attempts, fn, clock } = scene();
    const call = policy.execute(fn);
    await clock.advanceAsync(99);
    attempts[0]?.resolve('first');
    expect(await call).toBe('first');
    await clock.advanceAsync(1000);
    expect(attempts).toHaveLength(1);
    expect(policy.snapshot()).toMatchObject({ active: 0, totals: { calls: 1, hedges: 0 } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('that is slower is made again, and the first answer is taken, the other attempt aborted', async () => {
    const { policy, attempts, fn, clock, events } = scene({ name: 'replica' });
    const call = policy.execute(fn);
    const signal = attempts[0]?.context.signal;
    await clock.advanceAsync(100);
    expect(attempts.map(({ context }) => context.attempt)).toEqual([1, 2]);
    expect(events).toEqual([{ policy: 'replica', attempt: 2, delay: 100 }]);
    attempts[1]?.resolve('second');
    expect(await call).toBe('second');
    expect(signal?.reason).toBeInstanceOf(HedgeLostError);
    expect(attempts[1]?.context.signal.aborted).toBe(false);
    expect(policy.snapshot()).toMatchObject({ active: 0, totals: { hedges: 1, won: 1 } });
  });

  it('takes the first attempt’s answer when that comes first after all', async () => {
    const { policy, attempts, fn, clock } = scene();
    const call = policy.execute(fn);
    await clock.advanceAsync(100);
    attempts[0]?.resolve('first');
    expect(await call).toBe('first');
    expect(attempts[1]?.context.signal.reason).toBeInstanceOf(HedgeLostError);
    expect(policy.snapshot()).toMatchObject({ totals: { hedges: 1, won: 0 } });
  });

  it('has as many attempts as maxHedges allows, a delay apart', async () => {
    const { policy, attempts, fn, clock } = scene({ maxHedges: 3 });
    const call = policy.execute(fn);
    for (let expected = 2; expected <= 4; expected++) {
      await clock.advanceAsync(99);
      expect(attempts).toHaveLength(expected - 1);
      await clock.advanceAsync(1);
      expect(attempts).toHaveLength(expected);
    }
    await clock.advanceAsync(10_000);
    expect(attempts).toHaveLength(4);
    attempts[2]?.resolve('third');
    expect(await call).toBe('third');
    for (const at of [0, 1, 3]) expect(attempts[at]?.context.signal.aborted).toBe(true);
  });

  it('whose one attempt fails is rejected with that error, at once: a hedge is no retry', async () => {
    const { policy, attempts, fn, clock } = scene();
    const call = policy.execute(fn);
    const error = new Error('no such key');
    attempts[0]?.reject(error);
    await expect(call).rejects.toBe(error);
    await clock.advanceAsync(1000);
    expect(attempts).toHaveLength(1);
  });

  it('goes on while an attempt is left, and fails with all errors', async () => {
    const { policy, attempts, fn, clock } = scene({ name: 'replica' });
    const call = policy.execute(fn);
    await clock.advanceAsync(100);
    const errors = [new Error('second'), new Error('first')];
    attempts[1]?.reject(errors[0]);
    await settle();
    expect(policy.snapshot().active).toBe(1);
    attempts[0]?.reject(errors[1]);
    await expect(call).rejects.toThrow('all 2 attempts under "replica" failed');
    await expect(call).rejects.toBeInstanceOf(HedgeFailedError);
    await expect(call).rejects.toMatchObject({ errors, cause: errors[1] });
    expect(policy.snapshot().active).toBe(0);
  });

  it('is answered by the attempt that succeeds when another has failed', async () => {
    const { policy, attempts, fn, clock } = scene();
    const call = policy.execute(fn);
    await clock.advanceAsync(100);
    attempts[0]?.reject(new Error('first'));
    attempts[1]?.resolve('second');
    expect(await call).toBe('second');
  });

  it('may return a value, nothing, or throw', async () => {
    const { policy } = scene();
    expect(await policy.execute(() => 5)).toBe(5);
    expect(await policy.execute(() => undefined)).toBeUndefined();
    const thrown = (): never => {
      throw new RangeError('thrown');
    };
    await expect(policy.execute(thrown)).rejects.toThrow('thrown');
    expect(policy.snapshot().active).toBe(0);
  });

  it('whose caller aborts is not hedged any more, and no listener stays', async () => {
    const { policy, attempts, fn, clock } = scene();
    const controller = new AbortController();
    const call = policy.execute(fn, { signal: controller.signal });
    const inner = attempts[0]?.context.signal;
    controller.abort(new Error('enough'));
    expect(inner?.reason).toEqual(new Error('enough'));
    await clock.advanceAsync(100);
    expect(attempts).toHaveLength(1);
    attempts[0]?.reject(inner?.reason);
    await expect(call).rejects.toThrow('enough');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('leaves no listener on the caller’s signal when it is answered', async () => {
    const { policy, attempts, fn, clock } = scene();
    const { signal } = new AbortController();
    const call = policy.execute(fn, { signal });
    await clock.advanceAsync(100);
    for (const { context } of attempts) expect(context.signal.aborted).toBe(false);
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    attempts[1]?.resolve('second');
    await call;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('is not hedged after its deadline', async () => {
    const { policy, attempts, fn, clock } = scene();
    void policy.execute(fn, { deadline: 100 });
    await clock.advanceAsync(100);
    expect(attempts).toHaveLength(1);
  });

  it('a late rejection of an attempt that lost is not unhandled', async () => {
    const { policy, attempts, fn, clock } = scene();
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', note);
    const call = policy.execute(fn);
    await clock.advanceAsync(100);
    attempts[1]?.resolve('second');
    await call;
    attempts[0]?.reject(new Error('late'));
    await settle();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('in a pipeline', () => {
  it('an attempt that lost is no failure for the breaker within', async () => {
    const { policy, clock } = scene();
    const breaker = circuitBreaker({ clock });
    let attempts = 0;
    const call = pipeline(policy, breaker).execute(({ signal }) =>
      ++attempts === 2
        ? 'second'
        : new Promise<string>((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(signal.reason as Error);
            });
          }),
    );
    await clock.advanceAsync(100);
    expect(await call).toBe('second');
    await settle();
    expect(breaker.snapshot().totals).toMatchObject({ succeeded: 1, failed: 0, ignored: 1 });
  });

  it('a retry around it sees whether what failed last is transient', async () => {
    const { policy, attempts, fn, clock } = scene();
    const call = policy.execute(fn);
    await clock.advanceAsync(100);
    attempts[0]?.reject(new Error('first'));
    attempts[1]?.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    const result = await call.catch((error: unknown) => error);
    expect(isTransientError(result)).toBe(true);
  });
});

describe('the budget', () => {
  it('bounds hedges to the burst and a share of the calls', async () => {
    const { policy, fn, clock } = scene({ budget: { share: 0.1, burst: 5 } });
    for (let call = 0; call < 200; call++) void policy.execute(fn);
    await clock.advanceAsync(100);
    expect(policy.snapshot()).toMatchObject({ totals: { calls: 200, hedges: 5, denied: 195 } });
    for (let call = 0; call < 200; call++) {
      void policy.execute(fn);
      await clock.advanceAsync(100);
    }
    expect(policy.snapshot()).toMatchObject({ totals: { calls: 400, hedges: 25 } });
  });

  it('of nothing lets no hedge be', async () => {
    const { policy, fn, clock } = scene({ budget: { share: 0, burst: 0 } });
    for (let call = 0; call < 20; call++) void policy.execute(fn);
    await clock.advanceAsync(1000);
    expect(policy.snapshot()).toMatchObject({ totals: { hedges: 0, denied: 20 } });
  });
});

describe('the delay that is observed', () => {
  it('begins when twenty calls are known', async () => {
    const { policy, attempts, fn, clock } = scene({ delay: { percentile: 0.9 } });
    for (let call = 0; call < 20; call++) {
      expect(policy.snapshot().delay).toBeUndefined();
      const done = policy.execute(fn);
      await clock.advanceAsync(10);
      attempts[call]?.resolve(call);
      await done;
    }
    const { delay = 0 } = policy.snapshot();
    expect(delay).toBeGreaterThanOrEqual(10);
    expect(delay).toBeLessThan(11);
  });

  it('cuts the tail of a service that is slow now and then, for a tenth more calls at most', async () => {
    const run = async (policy: ReturnType<typeof scene>['policy'], clock: ManualClock) => {
      const random = seededRandom(5);
      const times: number[] = [];
      const serve = ({ signal }: ExecutionContext): Promise<void> =>
        new Promise((resolve, reject) => {
          const timer = clock.setTimer(resolve, random() < 0.04 ? 1000 : 5 + random() * 10);
          signal.addEventListener('abort', () => {
            timer.cancel();
            reject(signal.reason as Error);
          });
        });
      const calls: Promise<unknown>[] = [];
      for (let call = 0; call < 1500; call++) {
        const began = clock.now();
        calls.push(policy.execute(serve).then(() => times.push(clock.now() - began)));
        await clock.advanceAsync(4);
      }
      await clock.advanceAsync(2000);
      await Promise.all(calls);
      times.sort((a, b) => a - b);
      return times[Math.floor(times.length * 0.99)] ?? 0;
    };
    const with95 = scene({ delay: { percentile: 0.95 } });
    const without = scene({ budget: { share: 0, burst: 0 } });
    expect(await run(without.policy, without.clock)).toBe(1000);
    expect(await run(with95.policy, with95.clock)).toBeLessThan(50);
    const { hedges, calls } = with95.policy.snapshot().totals;
    expect(hedges / calls).toBeLessThan(0.1);
    expect(hedges).toBeGreaterThan(50);
  });
});

describe('an option that is not right is refused with its name', () => {
  it.each([
    ['hedge.delay', { delay: 0 }],
    ['hedge.delay', { delay: -1 }],
    ['hedge.delay', { delay: 'soon' }],
    ['hedge.delay', { delay: Infinity }],
    ['hedge.delay.percentile', { delay: { percentile: 0 } }],
    ['hedge.delay.percentile', { delay: { percentile: 1 } }],
    ['hedge.delay.percentile', { delay: { percentile: Number.NaN } }],
    ['hedge.delay.min', { delay: { min: 0 } }],
    ['hedge.delay.max', { delay: { max: 5 } }],
    ['hedge.maxHedges', { maxHedges: 0 }],
    ['hedge.maxHedges', { maxHedges: 11 }],
    ['hedge.budget.share', { budget: { share: 1.1 } }],
    ['hedge.budget.share', { budget: { share: -0.1 } }],
    ['hedge.budget.burst', { budget: { burst: 1.5 } }],
    ['hedge.budget', { budget: 5 }],
    ['hedge.hedges', { hedges: 2 }],
  ])('%s: %o', (option, options) => {
    expect(() => hedge(options as HedgeOptions)).toThrow(option);
  });
});
