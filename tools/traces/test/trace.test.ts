import { expect, test } from 'vitest';
import { checksum, countKeys, renumbered } from '../src/trace.ts';

test('keys are renumbered in the order in which they first occur', () => {
  const trace = Uint32Array.of(7, 4_294_967_295, 7, 0, 4_294_967_295);
  expect([...renumbered(trace)]).toEqual([0, 1, 0, 2, 1]);
  expect(countKeys(trace)).toBe(3);
});

test('the checksum is FNV-1a over little-endian words', () => {
  // The published vector for "foobar" without its last two letters would not be a whole word: "foob".
  const foob = Uint32Array.of(0x62_6f_6f_66);
  expect(checksum(foob)).toBe('3f5076ef');
  expect(checksum(new Uint32Array(0))).toBe('811c9dc5');
});
