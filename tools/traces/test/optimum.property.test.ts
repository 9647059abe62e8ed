import fc from 'fast-check';
import { expect, test } from 'vitest';
import { optimalHits } from '../src/optimum.ts';

/** Tries every choice at every miss: which entry goes, if any, and whether the new one is stored. */
function bestByTrying(trace: readonly number[], capacity: number): number {
  const known = new Map<string, number>();
  const from = (now: number, held: readonly number[]): number => {
    const key = trace[now];
    if (key === undefined) return 0;
    if (held.includes(key)) return 1 + from(now + 1, held);
    const state = `${now}:${held.toSorted((a, b) => a - b).join(',')}`;
    const answer = known.get(state);
    if (answer !== undefined) return answer;
    const choices =
      held.length < capacity
        ? [held, [...held, key]]
        : [held, ...held.map((victim) => [...held.filter((other) => other !== victim), key])];
    const best = Math.max(...choices.map((choice) => from(now + 1, choice)));
    known.set(state, best);
    return best;
  };
  return from(0, []);
}

test('no sequence of choices has more hits than the optimum, and one has as many', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      (keys, capacity) => {
        expect(optimalHits(Uint32Array.from(keys), capacity)).toBe(bestByTrying(keys, capacity));
      },
    ),
  );
});

test('keys may be any numbers of 32 bits', () => {
  const keys = Uint32Array.of(4_000_000_000, 1, 4_000_000_000, 2, 1, 4_000_000_000);
  expect(optimalHits(keys, 1)).toBe(2);
  expect(optimalHits(keys, 2)).toBe(3);
});
