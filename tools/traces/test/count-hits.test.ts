import { expect, test } from 'vitest';
import { countHits } from '../src/count-hits.ts';

test('each access is a get, followed by a set when it missed', () => {
  const calls: string[] = [];
  const held = new Set<number>();
  const cache = {
    get(key: number) {
      calls.push(`get ${key}`);
      return held.has(key) ? true : undefined;
    },
    set(key: number) {
      calls.push(`set ${key}`);
      held.add(key);
    },
  };
  expect(countHits(Uint32Array.of(1, 2, 1), cache)).toBe(1);
  expect(calls).toEqual(['get 1', 'set 1', 'get 2', 'set 2', 'get 1']);
});
