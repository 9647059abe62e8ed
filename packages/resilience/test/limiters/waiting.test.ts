import { getEventListeners, setMaxListeners } from 'node:events';
import { ManualClock, settle } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slidingWindow } from '../../src/limiters/sliding-window.ts';
import { tokenBucket } from '../../src/limiters/token-bucket.ts';

function bucket(options: { readonly maxQueue?: number; readonly timeout?: number } = {}) {
  const clock = new ManualClock();
  const limiter = tokenBucket({ rate: 10, burst: 5, clock, ...options });
  return { clock, limiter };
}

describe('those who wait for a limiter', () => {
  test('one that wants less is admitted at once when the one before it gives up', async () => {
    const { limiter } = bucket();
    limiter.tryTake('k', 3);
    const abort = new AbortController();
    const first = limiter.take('k', { cost: 4, signal: abort.signal });
    const second = limiter.take('k', { cost: 2 });
    abort.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(await second).toMatchObject({ admitted: true, remaining: 0 });
  });

  test('no more wait than may, over all keys, and the others are refused at once', async () => {
    const { clock, limiter } = bucket({ maxQueue: 2 });
    for (const key of ['a', 'b', 'c']) limiter.tryTake(key, 5);
    const waiting = [limiter.take('a'), limiter.take('b')];
    expect(await limiter.take('c')).toMatchObject({ admitted: false, retryAfter: 100 });
    expect(limiter.snapshot()).toMatchObject({ waiting: 2, refused: 1 });
    await clock.advanceAsync(100);
    expect((await Promise.all(waiting)).map(({ admitted }) => admitted)).toEqual([true, true]);
    expect(limiter.snapshot()).toMatchObject({ waiting: 0, refused: 1, admitted: 5 });
  });

  test('who was admitted is not refused when its timeout passes later', async () => {
    const { clock, limiter } = bucket({ timeout: 1000 });
    limiter.tryTake('k', 5);
    const wait = limiter.take('k');
    await clock.advanceAsync(100);
    expect((await wait).admitted).toBe(true);
    await clock.advanceAsync(10_000);
    expect(limiter.snapshot()).toMatchObject({ admitted: 2, refused: 0, waiting: 0 });
  });

  test('whose timeout passes is counted as refused, who aborts as aborted', async () => {
    const { clock, limiter } = bucket();
    limiter.tryTake('k', 5);
    const abort = new AbortController();
    const waits = [
      limiter.take('k', { timeout: 150 }),
      limiter.take('k', { signal: abort.signal }).catch(() => undefined),
    ];
    limiter.block('k', '1h');
    await clock.advanceAsync(150);
    abort.abort();
    await Promise.all(waits);
    expect(limiter.snapshot()).toMatchObject({ admitted: 1, refused: 1, aborted: 1, waiting: 0 });
  });

  test('nobody who waits leaves a timer or a listener behind, whatever becomes of it', async () => {
    const { clock, limiter } = bucket();
    const abort = new AbortController();
    setMaxListeners(0, abort.signal);
    limiter.tryTake('k', 5);
    const waits = Array.from({ length: 50 }, (_, index) =>
      limiter
        .take('k', { timeout: 200 + index * 50, signal: abort.signal })
        .then(({ admitted }) => admitted)
        .catch(() => false),
    );
    await clock.advanceAsync(1000);
    abort.abort();
    const admitted = (await Promise.all(waits)).filter(Boolean);
    expect(admitted).toHaveLength(10);
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
    await clock.advanceAsync(10_000);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a thousand who wait are admitted in their order, as fast as the rate allows', async () => {
    const { clock, limiter } = bucket({ timeout: 1_000_000 });
    limiter.tryTake('k', 5);
    const order: number[] = [];
    for (let index = 0; index < 1000; index++) {
      void limiter.take('k').then(() => order.push(index));
    }
    await settle();
    expect(limiter.snapshot().waiting).toBe(1000);
    await clock.advanceAsync(100_000);
    expect(order).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });

  test.each([
    ['tokenBucket', (clock: ManualClock) => tokenBucket({ rate: 50, burst: 7, clock })],
    ['slidingWindow', (clock: ManualClock) => slidingWindow({ limit: 7, window: 140, clock })],
  ])(
    'of %s, random ones that give up or not are admitted in order, and the law holds',
    async (_, create) => {
      const request = fc.record({
        cost: fc.constantFrom(1, 1, 2, 5, 7),
        wait: fc.constantFrom(0, 0, 3, 20, 100),
        timeout: fc.constantFrom(0, 50, 300, 100_000),
        abortAfter: fc.constantFrom(undefined, undefined, undefined, 10, 120),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(request, { maxLength: 40 }), async (requests) => {
          const clock = new ManualClock();
          const limiter = create(clock);
          const order: number[] = [];
          const events: { readonly time: number; readonly cost: number }[] = [];
          const waits: Promise<unknown>[] = [];
          for (const [index, { cost, wait, timeout, abortAfter }] of requests.entries()) {
            await clock.advanceAsync(wait);
            const abort = new AbortController();
            if (abortAfter !== undefined) clock.setTimer(() => abort.abort(), abortAfter);
            const settled = limiter.take('k', { cost, timeout, signal: abort.signal }).then(
              ({ admitted }) => {
                if (!admitted) return;
                order.push(index);
                events.push({ time: clock.now(), cost });
              },
              () => undefined,
            );
            waits.push(settled);
          }
          await clock.advanceAsync(200_000);
          await Promise.all(waits);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
          for (const [first, { time: begin }] of events.entries()) {
            let sum = 0;
            for (const { time, cost } of events.slice(first)) {
              sum += cost;
              expect(sum).toBeLessThanOrEqual(7 + 0.05 * (time - begin) + 1e-6);
            }
          }
          expect(limiter.snapshot()).toMatchObject({ waiting: 0 });
        }),
        { numRuns: 60 },
      );
    },
  );
});
