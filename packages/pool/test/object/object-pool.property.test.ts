import { createDeferred, type Deferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Lease } from '../../src/object/lease.ts';
import { setUp, type Thing } from './pool-fixture.ts';

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('acquire' as const),
        timeout: fc.integer({ min: 1, max: 200 }),
      }),
    },
    fc.record({ kind: fc.constant('borrow' as const) }),
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(20) }),
    },
    fc.record({ kind: fc.constant('discard' as const), which: fc.nat(20) }),
    fc.record({ kind: fc.constant('abort' as const), which: fc.nat(20) }),
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('created' as const),
        which: fc.nat(5),
        fails: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('checked' as const),
        which: fc.nat(5),
        isFit: fc.boolean(),
      }),
    },
    fc.record({ kind: fc.constant('advance' as const), by: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('limit' as const), to: fc.integer({ min: 1, max: 3 }) }),
  ),
  { maxLength: 60 },
);

test('under any schedule nothing is handed out twice, lost or too many, and every caller is answered', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(2), async (script, min) => {
      const creations: Deferred<Thing>[] = [];
      const checks: Deferred<boolean>[] = [];
      let existing = 0;
      const { pool, clock } = setUp({
        min,
        max: 3,
        maxQueue: 4,
        connectTimeout: 300,
        validateAfterIdle: 50,
        hookTimeout: 100,
        idleTimeout: 500,
        maxLifetime: 2000,
        create: () => {
          const creation = createDeferred<Thing>();
          creations.push(creation);
          return creation.promise;
        },
        validate: () => {
          const check = createDeferred<boolean>();
          checks.push(check);
          return check.promise;
        },
        destroy: () => {
          existing--;
        },
      });
      const held = new Map<Thing, Lease<Thing>>();
      const controllers: AbortController[] = [];
      const answers: Promise<void>[] = [];
      const hold = (lease: Lease<Thing>): void => {
        expect(held.has(lease.value)).toBe(false);
        held.set(lease.value, lease);
      };
      const give = (which: number, how: 'release' | 'discard'): void => {
        const [thing, lease] = [...held][which % Math.max(1, held.size)] ?? [];
        if (thing === undefined || lease === undefined) return;
        held.delete(thing);
        lease[how]();
      };
      let made = 0;
      for (const step of script) {
        if (step.kind === 'acquire') {
          const controller = new AbortController();
          controllers.push(controller);
          answers.push(
            pool
              .acquire({ timeout: step.timeout, signal: controller.signal })
              .then(hold, () => undefined),
          );
        } else if (step.kind === 'borrow') {
          try {
            hold(pool.borrow());
          } catch (error) {
            expect(error).toMatchObject({ code: 'PERF_POOL_EXHAUSTED' });
          }
        } else if (step.kind === 'release' || step.kind === 'discard') {
          give(step.which, step.kind);
        } else if (step.kind === 'abort') {
          controllers[step.which]?.abort(new Error('gone'));
        } else if (step.kind === 'created') {
          const [creation] = creations.splice(step.which, 1);
          if (creation !== undefined) {
            if (step.fails) {
              creation.reject(new Error('down'));
            } else {
              existing++;
              creation.resolve({ id: made++ });
            }
          }
        } else if (step.kind === 'checked') {
          checks.splice(step.which, 1)[0]?.resolve(step.isFit);
        } else if (step.kind === 'advance') {
          await clock.advanceAsync(step.by);
        } else {
          pool.setLimit(step.to);
        }
        await settle();
        const stats = pool.stats();
        expect(stats.total + stats.connecting).toBeLessThanOrEqual(3);
        expect(stats.waiting).toBeLessThanOrEqual(5);
        expect(stats.active).toBeGreaterThanOrEqual(held.size);
        expect(stats.total).toBe(existing);
      }
      for (const [thing, lease] of held) {
        held.delete(thing);
        lease.release();
      }
      const drained = pool.drain({ timeout: 0 });
      await clock.advanceAsync(1000);
      await drained;
      await Promise.all(answers);
      const stats = pool.stats();
      expect(stats).toMatchObject({ active: 0, waiting: 0, connecting: 0, total: 0 });
      expect(stats.acquired).toBe(stats.released);
      const ended = Object.values(stats.destroyed).reduce((sum, one) => sum + one, 0);
      expect(stats.created).toBe(ended);
      expect(existing).toBe(0);
      expect(clock.keepAliveTimers).toBe(0);
    }),
    { numRuns: 60 },
  );
});
