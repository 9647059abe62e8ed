import { getEventListeners } from 'node:events';
import { createDeferred, type Deferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bulkhead, type Bulkhead } from '../../src/bulkhead/bulkhead.ts';
import type { BulkheadOptions } from '../../src/bulkhead/options.ts';
import type { ExecuteOptions } from '../../src/execution/resilience-policy.ts';

interface Setup {
  readonly clock: ManualClock;
  readonly policy: Bulkhead;
  /** Names of the calls that began, in order. */
  readonly begun: string[];
  readonly ends: Map<string, Deferred<string>>;
  readonly run: (name: string, options?: ExecuteOptions) => Promise<unknown>;
}

function setUp(options: Partial<BulkheadOptions> = {}): Setup {
  const clock = new ManualClock();
  const policy = bulkhead({ clock, limit: 1, ...options });
  const begun: string[] = [];
  const ends = new Map<string, Deferred<string>>();
  const run = (name: string, callOptions?: ExecuteOptions): Promise<unknown> => {
    const end = createDeferred<string>();
    ends.set(name, end);
    return policy
      .execute(() => {
        begun.push(name);
        return end.promise;
      }, callOptions)
      .then(
        (value) => value,
        (error: unknown) => error,
      );
  };
  return { clock, policy, begun, ends, run };
}

describe('a bulkhead', () => {
  test('never runs more calls than its limit, and loses none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 6 }),
        fc.array(fc.oneof(fc.constant(-1), fc.nat(12)), { maxLength: 60 }),
        async (limit, maxQueue, script) => {
          const { policy, begun, ends, run } = setUp({ limit, maxQueue });
          const results: Promise<unknown>[] = [];
          for (const step of script) {
            if (step === -1) {
              results.push(run(`${results.length}`));
            } else {
              const name = begun[step];
              if (name !== undefined) ends.get(name)?.resolve(name);
            }
            await settle();
            const { active: now, waiting } = policy.snapshot();
            expect(now).toBeLessThanOrEqual(limit);
            expect(waiting).toBeLessThanOrEqual(maxQueue);
            expect(waiting === 0 || now === limit).toBe(true);
          }
          for (let i = 0; i <= results.length; i++) {
            for (const end of ends.values()) end.resolve('late');
            await settle();
          }
          await Promise.all(results);
          const { totals, ...rest } = policy.snapshot();
          expect(rest).toMatchObject({ active: 0, waiting: 0 });
          expect(totals.admitted + totals.refused.full).toBe(results.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('lets those who wait in by priority, then in the order of arrival', async () => {
    const { begun, ends, run } = setUp();
    const all = [
      run('first'),
      run('low', { priority: 1 }),
      run('normal'),
      run('high', { priority: 9 }),
      run('normal too', { priority: 5 }),
    ];
    for (const name of ['first', 'high', 'normal', 'normal too', 'low']) {
      await settle();
      expect(begun.at(-1)).toBe(name);
      ends.get(name)?.resolve(name);
    }
    await Promise.all(all);
  });

  test('refuses at once when its queue is full, telling what is full', async () => {
    const { policy, ends, run } = setUp({ name: 'reports', maxQueue: 1 });
    const refusals: unknown[] = [];
    policy.on('refused', (refusal) => refusals.push(refusal));
    const running = [run('a'), run('b')];
    expect(await run('c')).toMatchObject({
      code: 'PERF_BULKHEAD_FULL',
      message: 'the bulkhead "reports" is full: 1 calls run and 1 wait',
      bulkhead: 'reports',
      limit: 1,
      maxQueue: 1,
      waited: 0,
    });
    expect(refusals).toEqual([{ policy: 'reports', reason: 'full', active: 1, waiting: 1 }]);
    ends.get('a')?.resolve('a');
    ends.get('b')?.resolve('b');
    expect(await Promise.all(running)).toEqual(['a', 'b']);
  });

  test('sends away who waited for too long, and whose deadline has passed', async () => {
    const { policy, clock, begun, ends, run } = setUp({ queueTimeout: 100 });
    const running = run('a');
    const patient = run('b');
    const late = run('c', { deadline: 60 });
    clock.advance(60);
    expect(await late).toMatchObject({ code: 'PERF_DEADLINE_EXCEEDED', policy: 'bulkhead' });
    clock.advance(40);
    expect(await patient).toMatchObject({ code: 'PERF_BULKHEAD_FULL', waited: 100 });
    ends.get('a')?.resolve('a');
    await running;
    await settle();
    expect(begun).toEqual(['a']);
    expect(clock.pendingTimers).toBe(0);
    expect(policy.snapshot()).toMatchObject({
      active: 0,
      waiting: 0,
      totals: { admitted: 1, queued: 2, refused: { full: 0, timeout: 1, deadline: 1 }, aborted: 0 },
    });
  });

  test('a call that is aborted leaves the queue at once, without a listener, and never runs', async () => {
    const { policy, begun, ends, run } = setUp();
    const controller = new AbortController();
    const running = run('a');
    const waiting = run('b', { signal: controller.signal });
    const reason = new Error('gone');
    controller.abort(reason);
    expect(policy.snapshot()).toMatchObject({ waiting: 0, totals: { aborted: 1 } });
    expect(await waiting).toBe(reason);
    ends.get('a')?.resolve('a');
    await running;
    expect(begun).toEqual(['a']);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('a call that is aborted as its turn comes does not run, and its place goes on', async () => {
    const { policy, begun, ends, run } = setUp();
    const controller = new AbortController();
    policy.tryAcquire();
    const [first, second] = [run('b', { signal: controller.signal }), run('c')];
    policy.release();
    const reason = new Error('gone');
    controller.abort(reason);
    expect(await first).toBe(reason);
    ends.get('c')?.resolve('c');
    expect(await second).toBe('c');
    expect([begun, policy.snapshot().active]).toEqual([['c'], 0]);
  });

  test('keeps the place of a call until it has settled, though its caller gave up', async () => {
    const { policy, run } = setUp({ maxQueue: 0 });
    const controller = new AbortController();
    void run('a', { signal: controller.signal });
    controller.abort();
    await settle();
    expect(policy.snapshot().active).toBe(1);
    expect(await run('b')).toMatchObject({ code: 'PERF_BULKHEAD_FULL' });
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('x');
      },
    ],
    ['rejects', () => Promise.reject(new Error('x'))],
    ['returns a value', () => 1],
  ])('has its place back when a function %s', async (_, fn) => {
    const { policy } = setUp();
    await policy.executeSafe(fn);
    await policy.executeSafe(fn, { priority: 1 });
    expect(policy.snapshot().active).toBe(0);
  });

  test('a place can be taken by hand', async () => {
    const { policy, run, ends } = setUp();
    expect([policy.tryAcquire(), policy.tryAcquire()]).toEqual([true, false]);
    const waiting = run('a');
    policy.release();
    ends.get('a')?.resolve('a');
    expect(await waiting).toBe('a');
    expect(policy.snapshot().active).toBe(0);
  });
});

test.each<[object, string]>([
  [{ limit: 0 }, 'bulkhead.limit'],
  [{ limit: 1.5 }, 'bulkhead.limit'],
  [{ limit: Infinity }, 'bulkhead.limit'],
  [{}, 'bulkhead.limit'],
  [{ limit: 1, maxQueue: -1 }, 'bulkhead.maxQueue'],
  [{ limit: 1, maxQueue: Infinity }, 'bulkhead.maxQueue'],
  [{ limit: 1, queueTimeout: 0 }, 'bulkhead.queueTimeout'],
  [{ limit: 1, queueTimeout: 'soon' }, 'bulkhead.queueTimeout'],
  [{ limit: 1, queue: 5 }, 'bulkhead.queue'],
])('%o is refused', (options, option) => {
  expect(() => bulkhead(options as BulkheadOptions)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
  );
});
