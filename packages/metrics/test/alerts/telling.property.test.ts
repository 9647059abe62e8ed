import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Telling } from '../../src/alerts/telling.ts';

it('firing and resolved are told in turn, never sooner after the last than the cool-down, and never while inhibited', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 30, 100),
      fc.constantFrom(Infinity, 50),
      fc.array(
        fc.record({
          isFiring: fc.boolean(),
          isInhibited: fc.boolean(),
          wait: fc.integer({ min: 1, max: 40 }),
        }),
      ),
      (coolDown, repeatEvery, steps) => {
        const telling = new Telling({ coolDown, repeatEvery });
        let now = 0;
        let isTold = false;
        let lastAt = -Infinity;
        for (const { isFiring, isInhibited, wait } of steps) {
          now += wait;
          const word = telling.next(isFiring, isInhibited, now);
          if (word === 'firing') {
            expect([isTold, isInhibited, now - lastAt >= coolDown]).toEqual([false, false, true]);
          } else if (word === 'repeated') {
            expect([isTold, isInhibited, now - lastAt >= repeatEvery]).toEqual([true, false, true]);
          } else if (isFiring && !isInhibited) {
            // Nothing that is due is held back.
            expect(now - lastAt < (isTold ? repeatEvery : coolDown)).toBe(true);
          }
          expect(word === 'resolved').toBe(isTold && !isFiring);
          if (word === 'firing' || word === 'repeated') lastAt = now;
          if (word === 'firing') isTold = true;
          if (word === 'resolved') isTold = false;
          expect(telling.isTold).toBe(isTold);
        }
      },
    ),
    { numRuns: 500 },
  );
});
