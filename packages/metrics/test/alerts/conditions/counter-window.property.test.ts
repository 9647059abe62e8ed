import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CounterWindow, ResetProofCounter } from '../../../src/alerts/conditions/counter-window.ts';

it('a window counts what a list of all readings does, to a sixtieth of its length', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ wait: fc.integer({ min: 1, max: 300 }), add: fc.integer({ min: 0, max: 9 }) }),
        {
          minLength: 1,
          maxLength: 200,
        },
      ),
      (steps) => {
        const length = 1200;
        const window = new CounterWindow(length);
        const all: { at: number; total: number }[] = [];
        let at = 0;
        let total = 0;
        for (const { wait, add } of steps) {
          at += wait;
          total += add;
          all.push({ at, total });
          const counted = window.add(at, 0, total).total;
          const since = (span: number): number => {
            const from = all.findLast((one) => at - one.at >= span) ?? all[0];
            return total - (from?.total ?? 0);
          };
          expect(counted).toBeGreaterThanOrEqual(since(length));
          expect(counted).toBeLessThanOrEqual(since(length + length / 60 + 300));
        }
      },
    ),
  );
});

it('a counter never goes back, and loses nothing that it was told after it began anew', () => {
  const counter = new ResetProofCounter();
  expect([100, 130, 130, 20, 50, 0, 5].map((value) => counter.add(value))).toEqual([
    0, 30, 30, 50, 80, 80, 85,
  ]);
});
