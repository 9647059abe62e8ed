import { expect, test } from 'vitest';
import { findGrowth, type Measurement } from '../src/verdict.ts';

const MIB = 1024 * 1024;

function run(held: (at: number) => number, handles: (at: number) => number): Measurement[] {
  return Array.from({ length: 30 }, (_, at) => ({ at, held: held(at), handles: handles(at) }));
}

const flat = (): number => 20;

test('memory that fills in the first third and then swings is flat', () => {
  const filling = run((at) => (at < 10 ? at * 5 * MIB : (50 + (at % 3)) * MIB), flat);
  expect(findGrowth(filling)).toEqual([]);
});

test('a leak beyond a twentieth and a mebibyte is found', () => {
  expect(findGrowth(run((at) => (50 + at * 0.25) * MIB, flat))).toEqual([
    expect.stringMatching(/^the heap grew by 4\.75 MiB \(0\.25 MiB a minute\)/),
  ]);
});

test('handles that pile up are found', () => {
  const piling = run(
    () => 50 * MIB,
    (at) => 20 + at,
  );
  expect(findGrowth(piling)).toEqual(['handles grew from 32.5 to 46.5']);
});

test('too few measurements do not pass', () => {
  expect(findGrowth(run(flat, flat).slice(0, 6))).toHaveLength(1);
});
