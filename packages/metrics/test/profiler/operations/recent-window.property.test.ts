import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentWindow } from '../../../src/profiler/operations/recent-window.ts';

const HALF = 60_000;

test('it counts what ended in the present half and in the one before', () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 100_000 }),
    took: fc.integer({ min: 0, max: 10_000 }),
    failed: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ max: 200_000, min: 0 }),
      (steps, last) => {
        const window = new RecentWindow(0);
        const ended: { at: number; took: number; failed: boolean }[] = [];
        let now = 0;
        for (const { wait, took, failed } of steps) {
          now += wait;
          window.add(took, failed, now);
          ended.push({ at: now, took, failed });
        }
        now += last;
        const recent = window.read(now);
        // Whatever the halves are, all of the last minute counts, and nothing that is older than two.
        const sure = ended.filter(({ at }) => at > now - HALF);
        const possible = ended.filter(({ at }) => at >= now - 2 * HALF);
        expect(recent.count).toBeGreaterThanOrEqual(sure.length);
        expect(recent.count).toBeLessThanOrEqual(possible.length);
        const counted = recent.count === 0 ? [] : ended.slice(-recent.count);
        expect(recent.errors).toBe(counted.filter(({ failed }) => failed).length);
        expect(recent.max).toBe(
          recent.count === 0 ? Number.NaN : Math.max(...counted.map(({ took }) => took)),
        );
        expect(recent.duration).toBeLessThan(2 * HALF);
        expect(recent.duration).toBeGreaterThanOrEqual(Math.min(now, HALF));
      },
    ),
  );
});
