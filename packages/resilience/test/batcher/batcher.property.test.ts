import { ManualClock, settle } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatcher } from '../../src/index.ts';

const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('load' as const), fc.nat(15)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('abort' as const), fc.nat(50)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('advance' as const), fc.nat(60)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('end' as const), fc.nat(5)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('flush' as const), fc.constant(0)) },
);

const setup = fc.record({
  maxSize: fc.integer({ min: 1, max: 6 }),
  maxWait: fc.constantFrom(0, 20),
  concurrency: fc.integer({ min: 1, max: 3 }),
  maxQueue: fc.integer({ min: 1, max: 12 }),
  adaptive: fc.boolean(),
  dedupe: fc.boolean(),
});

describe('any sequence of loads, aborts, waits and endings', () => {
  it('keeps every bound, and gives each caller the result of its own key exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(setup, fc.array(step, { maxLength: 60 }), async (options, steps) => {
        const clock = new ManualClock();
        const active: { keys: readonly number[]; end: (value: number[]) => void }[] = [];
        const batcher = createBatcher<number, number>({
          ...options,
          clock,
          timeout: Infinity,
          load: (keys) => {
            expect(keys.length).toBeGreaterThan(0);
            expect(keys.length).toBeLessThanOrEqual(options.maxSize);
            if (options.dedupe) expect(new Set(keys).size).toBe(keys.length);
            return new Promise<number[]>((resolve) => {
              active.push({ keys, end: resolve });
              expect(active.length).toBeLessThanOrEqual(options.concurrency);
            });
          },
        });
        const callers: { controller: AbortController; done: Promise<unknown>; key: number }[] = [];
        const endOne = async (at: number): Promise<void> => {
          const [batch] = active.splice(at, 1);
          batch?.end(batch.keys.map((key) => key * 10));
          await settle();
        };
        for (const [what, value] of steps) {
          if (what === 'load') {
            const controller = new AbortController();
            const load = batcher.load(value, { signal: controller.signal });
            const done = load.then(
              (result) => result,
              (error: unknown) => error,
            );
            callers.push({ controller, key: value, done });
          } else if (what === 'abort') callers[value]?.controller.abort('left');
          else if (what === 'advance') await clock.advanceAsync(value);
          else if (what === 'end') await endOne(value % Math.max(1, active.length));
          else batcher.flush();
          expect(batcher.snapshot().waiting).toBeLessThanOrEqual(options.maxQueue);
        }
        const closing = batcher.close();
        await settle();
        while (active.length > 0) await endOne(0);
        await closing;
        for (const { controller, key, done } of callers) {
          const result = await done;
          const refused = (result as { code?: string }).code === 'PERF_BATCH_QUEUE_FULL';
          if (refused) continue;
          if (controller.signal.aborted) expect(['left', key * 10]).toContain(result);
          else expect(result).toBe(key * 10);
        }
        await clock.advanceAsync(20);
        expect(clock.pendingTimers).toBe(0);
        expect(batcher.snapshot()).toMatchObject({ waiting: 0, active: 0 });
      }),
      { numRuns: 150 },
    );
  });
});
