import { getEventListeners } from 'node:events';
import { AsyncLocalStorage } from 'node:async_hooks';
import { ConfigError } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import {
  rateLimit,
  RateLimitedError,
  slidingWindow,
  tokenBucket,
  type RateLimiter,
  type RateLimitOptions,
} from '../../src/index.ts';

function scene(options: Partial<RateLimitOptions> = {}) {
  const clock = new ManualClock();
  const policy = rateLimit({
    clock,
    ...(options.limiter ? {} : { rate: 10, burst: 2 }),
    ...options,
  });
  let ran = 0;
  const run = () => ran++;
  return { clock, policy, run, ran: () => ran };
}

describe('a rate limit', () => {
  test('runs as many calls as the limiter admits, and rejects the others without running them', async () => {
    const { policy, run, ran } = scene({ name: 'search' });
    const refused: unknown[] = [];
    policy.on('refused', (event) => refused.push(event));
    expect(await policy.execute(() => 'a value')).toBe('a value');
    expect(await policy.execute(async () => 'later')).toBe('later');
    await expect(policy.execute(run)).rejects.toThrow(RateLimitedError);
    expect(await policy.executeSafe(run)).toMatchObject({
      ok: false,
      error: {
        code: 'PERF_RATE_LIMITED',
        limiter: 'search',
        retryAfter: 100,
        message: 'the rate limit "search" is reached; try again in 100 ms',
      },
    });
    expect(ran()).toBe(0);
    expect(refused).toEqual(Array(2).fill({ policy: 'search', key: '', cost: 1, retryAfter: 100 }));
    expect(policy.snapshot()).toEqual({
      name: 'search',
      limiter: 'search',
      waiting: 0,
      totals: { admitted: 2, refused: 2 },
    });
  });

  test('what a function throws is a rejection, and it has had its turn', async () => {
    const { policy, run } = scene();
    const fails = (): never => {
      throw new RangeError('thrown');
    };
    await expect(policy.execute(fails)).rejects.toThrow('thrown');
    await expect(policy.execute(() => Promise.reject('a string'))).rejects.toBe('a string');
    await expect(policy.execute(run)).rejects.toThrow(RateLimitedError);
  });

  test('a call waits for its turn as long as it was told, in the order of arrival', async () => {
    const { policy, clock } = scene({ wait: 250 });
    const order: number[] = [];
    const calls = [0, 1, 2, 3, 4].map((call) =>
      policy.execute(() => order.push(call)).catch(() => order.push(-call)),
    );
    await settle();
    // The last would have to wait for 300 ms.
    expect(order).toEqual([0, 1, -4]);
    expect(policy.snapshot().waiting).toBe(2);
    await clock.advanceAsync(100);
    expect(order).toEqual([0, 1, -4, 2]);
    await clock.advanceAsync(100);
    await Promise.all(calls);
    expect(order).toEqual([0, 1, -4, 2, 3]);
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
  });

  test('a call does not wait beyond its deadline', async () => {
    const { policy, clock, run } = scene({ wait: '1m' });
    await policy.execute(run);
    await policy.execute(run);
    const deadline = clock.now() + 99;
    await expect(policy.execute(run, { deadline })).rejects.toThrow(RateLimitedError);
    const late = policy.execute(() => 'in time', { deadline: clock.now() + 100 });
    await clock.advanceAsync(100);
    expect(await late).toBe('in time');
  });

  test('an aborted call takes nothing, rejects with the reason, and leaves no listener', async () => {
    const { policy, clock, run } = scene({ wait: '1m' });
    await policy.execute(run);
    await policy.execute(run);
    const abort = new AbortController();
    const reason = new Error('enough');
    const call = policy.execute(run, { signal: abort.signal });
    const next = policy.execute(() => 'next');
    abort.abort(reason);
    await expect(call).rejects.toBe(reason);
    await clock.advanceAsync(100);
    expect(await next).toBe('next');
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
    await expect(policy.execute(run, { signal: abort.signal })).rejects.toBe(reason);
  });

  test('a call counts against its key, at its cost', async () => {
    const user = new AsyncLocalStorage<string>();
    const { policy, run } = scene({
      key: () => user.getStore() ?? 'nobody',
      cost: () => (user.getStore() === 'b' ? 2 : 1),
    });
    const as = (name: string) => user.run(name, () => policy.executeSafe(run));
    expect([(await as('a')).ok, (await as('b')).ok, (await as('b')).ok]).toEqual([
      true,
      true,
      false,
    ]);
    expect([(await as('a')).ok, (await as('a')).ok]).toEqual([true, false]);
  });

  test('a key that cannot be told is a rejection, and nothing runs', async () => {
    const { policy, run, ran } = scene({
      key: () => {
        throw new RangeError('no user');
      },
    });
    await expect(policy.execute(run)).rejects.toThrow('no user');
    expect(ran()).toBe(0);
  });

  test('a call that costs more than the limit is refused at once and for ever', async () => {
    const { policy, run } = scene({ cost: () => 3, wait: Infinity });
    await expect(policy.execute(run)).rejects.toMatchObject({ retryAfter: Infinity });
  });

  test('several policies share a limiter', async () => {
    const limiter = slidingWindow({ limit: 1, window: '1s', clock: new ManualClock() });
    const [one, other] = [scene({ limiter, key: 'k' }), scene({ limiter, key: 'k' })];
    await one.policy.execute(one.run);
    await expect(other.policy.execute(other.run)).rejects.toThrow(RateLimitedError);
  });

  test('a limiter that has to ask elsewhere is awaited, and its trouble is the call’s', async () => {
    const remote: RateLimiter = {
      name: 'remote',
      take: (key) =>
        key === 'broken'
          ? Promise.reject(new Error('no answer'))
          : tokenBucket({ rate: 1 }).take(key),
      check: () => tokenBucket({ rate: 1 }).check(),
    };
    expect(await scene({ limiter: remote }).policy.execute(() => 1)).toBe(1);
    const broken = scene({ limiter: remote, key: 'broken' });
    await expect(broken.policy.execute(broken.run)).rejects.toThrow('no answer');
    expect(broken.policy.snapshot().waiting).toBe(0);
  });

  test.each([
    ['rate', { rate: undefined }],
    ['rate', { rate: 0 }],
    ['rate', { rate: -5 }],
    ['rate', { rate: Number.NaN }],
    ['rate', { rate: Infinity }],
    ['burst', { burst: 0 }],
    ['per', { per: 0 }],
    ['cost', { cost: 3 }],
    ['cost', { cost: -1 }],
    ['cost', { cost: 'much' }],
    ['key', { key: 5 }],
    ['wait', { wait: -1 }],
    ['wait', { wait: 'long' }],
    ['limiter', { rate: undefined, burst: undefined, limiter: 5 }],
    ['take', { rate: undefined, burst: undefined, limiter: {} }],
    ['burst', { rate: undefined, limiter: tokenBucket({ rate: 5 }) }],
    ['name', { name: '' }],
    ['limit', { limit: 5 }],
  ])('refuses a bad %s: %o', (option, bad) => {
    expect(() => rateLimit({ rate: 10, burst: 2, ...bad } as RateLimitOptions)).toThrow(
      expect.objectContaining({
        constructor: ConfigError,
        option: expect.stringMatching(new RegExp(`${option}$`)) as string,
      }),
    );
  });
});
