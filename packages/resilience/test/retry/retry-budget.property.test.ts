import { TimeoutError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryBudget, tokenRetryBudget } from '../../src/retry/retry-budget.ts';

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant('call' as const) },
    { weight: 5, arbitrary: fc.constant('retry' as const) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 700 }) },
  ),
  { maxLength: 150 },
);

test('in any window there are no more retries than its part of the calls and its least, as a log of both would say', () => {
  fc.assert(
    fc.property(
      steps,
      fc.constantFrom(0, 0.25, 0.5),
      fc.constantFrom(0, 3),
      (script, ratio, least) => {
        const clock = new ManualClock();
        const budget = retryBudget({ clock, ratio, minPerSecond: least, window: 1000 });
        const log: { at: number; amount: number }[] = [];
        for (const step of script) {
          if (typeof step === 'number') {
            clock.advance(step);
          } else if (step === 'call') {
            budget.record(true);
            log.push({ at: clock.now(), amount: ratio });
          } else {
            const bucket = (time: number): number => Math.floor(time / 100);
            const within = log.filter(({ at }) => bucket(clock.now()) - bucket(at) < 10);
            const balance = within.reduce<number>((sum, { amount }) => sum + amount, least);
            expect(budget.available).toBe(Math.max(0, Math.floor(balance)));
            const may = budget.tryWithdraw(new Error('x'));
            expect(may).toBe(balance >= 1);
            if (may) log.push({ at: clock.now(), amount: -1 });
          }
        }
      },
    ),
  );
});

describe('a bucket of tokens', () => {
  test('is emptied by retries, twice as fast by those after timeouts, and filled by successes', () => {
    const budget = tokenRetryBudget({ capacity: 20, cost: 5, timeoutCost: 10, successCredit: 2 });
    expect(budget.available).toBe(4);
    expect(budget.tryWithdraw(new TimeoutError('it', 1))).toBe(true);
    expect(budget.tryWithdraw(new Error('x'))).toBe(true);
    expect(budget.tryWithdraw(new TimeoutError('it', 1))).toBe(false);
    expect(budget.tryWithdraw(new Error('x'))).toBe(true);
    expect(budget.tryWithdraw(new Error('x'))).toBe(false);
    budget.record(false);
    for (let i = 0; i < 3; i++) budget.record(true);
    expect(budget.available).toBe(1);
    for (let i = 0; i < 99; i++) budget.record(true);
    expect(budget.available).toBe(4);
  });
});

test.each<[() => unknown, string]>([
  [() => retryBudget({ ratio: -1 }), 'retryBudget.ratio'],
  [() => retryBudget({ ratio: Number.NaN }), 'retryBudget.ratio'],
  [() => retryBudget({ minPerSecond: Infinity }), 'retryBudget.minPerSecond'],
  [() => retryBudget({ window: 0 }), 'retryBudget.window'],
  [() => retryBudget({ percent: 1 } as object), 'retryBudget.percent'],
  [() => tokenRetryBudget({ capacity: 0 }), 'tokenRetryBudget.capacity'],
  [() => tokenRetryBudget({ cost: 501 }), 'tokenRetryBudget.cost'],
  [() => tokenRetryBudget({ capacity: 5, timeoutCost: 6 }), 'tokenRetryBudget.timeoutCost'],
  [() => tokenRetryBudget({ successCredit: -1 }), 'tokenRetryBudget.successCredit'],
])('%o is refused', (make, option) => {
  expect(make).toThrow(expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error);
});
