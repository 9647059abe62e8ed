import { getEventListeners } from 'node:events';
import { ManualClock, settle } from '@perf/core/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallContext } from '../../src/execution/call-context.ts';
import { WaitQueue } from '../../src/waiting/wait-queue.ts';

interface Modelled {
  readonly id: number;
  readonly priority: number;
  readonly due: number;
  readonly ending: string;
  readonly controller: AbortController;
}

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('join' as const),
      priority: fc.integer({ min: 0, max: 9 }),
      timeout: fc.option(fc.integer({ min: 1, max: 60 }), { nil: Infinity }),
      deadline: fc.option(fc.integer({ min: 1, max: 60 }), { nil: Infinity }),
    }),
    fc.record({ kind: fc.constant('grant' as const) }),
    fc.record({ kind: fc.constant('abort' as const), which: fc.nat(20) }),
    fc.record({ kind: fc.constant('advance' as const), by: fc.integer({ min: 1, max: 40 }) }),
  ),
  { maxLength: 60 },
);

test('a queue does what a sorted array would, and leaves no listener and no timer', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const clock = new ManualClock();
      const log: string[] = [];
      const expected: string[] = [];
      const left: number[] = [];
      const queue = new WaitQueue<number, string>({
        clock,
        timedOut: (timeout, id) => new Error(`${id} waited ${timeout}`),
        deadlinePassed: (id) => new Error(`${id} is late`),
        gaveUp: (id) => left.push(id),
      });
      let waiting: Modelled[] = [];
      const all: Modelled[] = [];
      const gone: number[] = [];
      for (const step of script) {
        const now = clock.now();
        if (step.kind === 'join') {
          const id = all.length;
          const controller = new AbortController();
          const deadline = now + step.deadline;
          const call = new CallContext(controller.signal, deadline, step.priority);
          queue.wait(call, id, step.timeout).then(
            (value) => log.push(value),
            (error: Error) => log.push(error.message),
          );
          const isOwn = step.deadline <= step.timeout;
          all.push({
            id,
            priority: step.priority,
            due: now + Math.min(step.timeout, step.deadline),
            ending: isOwn ? `${id} is late` : `${id} waited ${step.timeout}`,
            controller,
          });
          waiting.push(all[id] as Modelled);
        } else if (step.kind === 'grant') {
          const next = waiting.toSorted((a, b) => b.priority - a.priority || a.id - b.id)[0];
          expect(queue.next).toBe(next?.id);
          expect(queue.grant(`${next?.id} has its turn`)).toBe(next !== undefined);
          if (next !== undefined) expected.push(`${next.id} has its turn`);
          waiting = waiting.filter((one) => one !== next);
        } else if (step.kind === 'abort') {
          const one = all[step.which];
          if (one !== undefined) {
            one.controller.abort(new Error(`${one.id} gave up`));
            if (waiting.includes(one)) {
              expected.push(`${one.id} gave up`);
              gone.push(one.id);
            }
            waiting = waiting.filter((other) => other !== one);
          }
        } else {
          const due = waiting.filter((one) => one.due <= now + step.by);
          for (const one of due.toSorted((a, b) => a.due - b.due || a.id - b.id)) {
            expected.push(one.ending);
            gone.push(one.id);
          }
          waiting = waiting.filter((one) => one.due > now + step.by);
          clock.advance(step.by);
        }
        await settle();
        expect(log).toEqual(expected);
        expect(left).toEqual(gone);
        expect(queue.size).toBe(waiting.length);
        for (const one of all) {
          expect(getEventListeners(one.controller.signal, 'abort').length).toBe(
            waiting.includes(one) ? 1 : 0,
          );
        }
      }
      queue.rejectAll((id) => new Error(`${id} is sent away`));
      expect(queue.size).toBe(0);
      await settle();
      expect(log.length).toBe(all.length);
      clock.advance(100);
      expect(clock.pendingTimers).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('a call that is aborted already does not join', async () => {
  const queue = new WaitQueue<undefined, void>({
    clock: new ManualClock(),
    timedOut: () => new Error('timeout'),
    deadlinePassed: () => new Error('deadline'),
  });
  const reason = new Error('gone');
  const call = new CallContext(AbortSignal.abort(reason));
  await expect(queue.wait(call, undefined, Infinity)).rejects.toBe(reason);
  expect(queue.size).toBe(0);
});

test.each([
  [-3, 0],
  [Number.NaN, 0],
  [7.9, 7],
  [99, 9],
])('a priority of %d counts as %d', async (given, counts) => {
  const queue = new WaitQueue<string, void>({
    clock: new ManualClock(),
    timedOut: () => new Error('timeout'),
    deadlinePassed: () => new Error('deadline'),
  });
  const other = queue.wait(new CallContext(undefined, Infinity, counts), 'first', Infinity);
  const odd = queue.wait(new CallContext(undefined, Infinity, given), 'odd', Infinity);
  expect(queue.next).toBe('first');
  queue.grant();
  expect(queue.next).toBe('odd');
  queue.grant();
  await Promise.all([other, odd]);
  if (counts > 0) {
    const lower = queue.wait(new CallContext(undefined, Infinity, counts - 1), 'lower', Infinity);
    const again = queue.wait(new CallContext(undefined, Infinity, given), 'odd', Infinity);
    expect(queue.next).toBe('odd');
    queue.grant();
    queue.grant();
    await Promise.all([lower, again]);
  }
});
