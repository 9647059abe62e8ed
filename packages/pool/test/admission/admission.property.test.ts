import { getEventListeners } from 'node:events';
import { ManualClock, settle } from '@perf/core/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Admission } from '../../src/admission/admission.ts';

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('acquire' as const),
        priority: fc.integer({ min: 0, max: 9 }),
        timeout: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        deadline: fc.option(fc.integer({ min: -5, max: 60 }), { nil: undefined }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
    fc.record({ kind: fc.constant('abort' as const), which: fc.nat(30) }),
    fc.record({ kind: fc.constant('advance' as const), by: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('limit' as const), to: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('stock' as const), by: fc.integer({ min: 1, max: 2 }) }),
  ),
  { maxLength: 80 },
);

interface Caller {
  readonly id: number;
  readonly priority: number;
  readonly due: number;
  readonly controller: AbortController;
}

const ACQUIRE_TIMEOUT = 50;

/** A counted stock, and all who wait in one array that is sorted anew each time. */
class Model {
  limit: number;
  stock = 0;
  active = 0;
  acquired = 0;
  timeouts = 0;
  rejected = 0;
  aborted = 0;
  waiting: Caller[] = [];
  readonly log: string[] = [];
  readonly #maxQueue: number;

  constructor(limit: number, maxQueue: number) {
    this.limit = limit;
    this.#maxQueue = maxQueue;
  }

  join(caller: Caller, now: number): void {
    const isFree = this.waiting.length === 0 && this.active < this.limit && this.stock > 0;
    if (!isFree && this.waiting.length >= this.#maxQueue) {
      this.rejected++;
      this.log.push(`${caller.id} PERF_POOL_QUEUE_FULL`);
    } else if (!isFree && caller.due <= now) {
      this.timeouts++;
      this.log.push(`${caller.id} PERF_POOL_ACQUIRE_TIMEOUT`);
    } else {
      this.waiting.push(caller);
      this.serve();
    }
  }

  serve(): void {
    while (this.waiting.length > 0 && this.active < this.limit && this.stock > 0) {
      const next = this.waiting.toSorted((a, b) => b.priority - a.priority || a.id - b.id)[0];
      this.waiting = this.waiting.filter((one) => one !== next);
      this.stock--;
      this.active++;
      this.acquired++;
      this.log.push(`${next?.id} granted`);
    }
  }

  advance(until: number): void {
    const late = this.waiting.filter(({ due }) => due <= until);
    for (const { id } of late.toSorted((a, b) => a.due - b.due || a.id - b.id)) {
      this.timeouts++;
      this.log.push(`${id} PERF_POOL_ACQUIRE_TIMEOUT`);
    }
    this.waiting = this.waiting.filter(({ due }) => due > until);
  }

  abort(caller: Caller): void {
    if (!this.waiting.includes(caller)) return;
    this.aborted++;
    this.log.push(`${caller.id} gone`);
    this.waiting = this.waiting.filter((one) => one !== caller);
  }
}

test('an admission does what a naive model does, and the law holds at the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 6 }),
      async (script, limit, maxQueue) => {
        const clock = new ManualClock();
        let stock = 0;
        const supply = {
          take: () => (stock > 0 ? stock-- : undefined),
          wanted: () => false,
          trouble: () => undefined,
        };
        const admission = new Admission<number>(
          { name: 'p', clock, limit, maxQueue, acquireTimeout: ACQUIRE_TIMEOUT },
          supply,
        );
        const model = new Model(limit, maxQueue);
        const log: string[] = [];
        const all: Caller[] = [];
        const release = (): void => {
          stock++;
          model.stock++;
          model.active--;
          admission.release();
          model.serve();
        };
        for (const step of script) {
          const now = clock.now();
          if (step.kind === 'acquire') {
            const { priority, timeout } = step;
            const deadline = step.deadline === undefined ? undefined : now + step.deadline;
            const controller = new AbortController();
            const due = Math.min(deadline ?? Infinity, now + (timeout ?? ACQUIRE_TIMEOUT));
            const caller = { id: all.length, priority, due, controller };
            all.push(caller);
            admission.acquire({ priority, timeout, deadline, signal: controller.signal }).then(
              () => log.push(`${caller.id} granted`),
              (error: { readonly code: string }) => log.push(`${caller.id} ${error.code}`),
            );
            model.join(caller, now);
          } else if (step.kind === 'release') {
            if (model.active > 0) release();
          } else if (step.kind === 'abort') {
            const caller = all[step.which];
            if (caller !== undefined) {
              caller.controller.abort({ code: 'gone' });
              model.abort(caller);
            }
          } else if (step.kind === 'advance') {
            clock.advance(step.by);
            model.advance(now + step.by);
          } else if (step.kind === 'limit') {
            admission.setLimit(step.to);
            model.limit = step.to;
            model.serve();
          } else {
            stock += step.by;
            model.stock += step.by;
            admission.pump();
            model.serve();
          }
          await settle();
          expect(log).toEqual(model.log);
          const { active, waiting, acquired, timeouts, rejected, aborted } = admission;
          expect({ active, waiting, acquired, timeouts, rejected, aborted }).toEqual({
            active: model.active,
            waiting: model.waiting.length,
            acquired: model.acquired,
            timeouts: model.timeouts,
            rejected: model.rejected,
            aborted: model.aborted,
          });
          for (const caller of all) {
            const count = model.waiting.includes(caller) ? 1 : 0;
            expect(getEventListeners(caller.controller.signal, 'abort').length).toBe(count);
          }
          expect(clock.keepAliveTimers > 0).toBe(model.waiting.length > 0);
        }
        admission.close();
        const idle = admission.idle();
        while (model.active > 0) {
          model.waiting = [];
          release();
        }
        await idle;
        expect([admission.active, admission.waiting]).toEqual([0, 0]);
        expect(admission.acquired).toBe(admission.released);
        const { acquired, timeouts, rejected, aborted } = admission;
        expect(acquired + timeouts + rejected + aborted).toBe(all.length);
        await settle();
        expect(log.length).toBe(all.length);
      },
    ),
    { numRuns: 80 },
  );
});
