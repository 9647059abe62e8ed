import { ManualClock } from '@perf/core/testing';
import { expect, it } from 'vitest';
import { HoldDowns } from '../../src/context/hold-downs.ts';

it('a key is held from its failure on until the time is over, or it was loaded', () => {
  const clock = new ManualClock();
  const held = new HoldDowns(clock, 100);
  const error = new Error('no');
  held.add('a', error);
  held.add('b', error);
  clock.advance(99);
  expect(held.of('a')).toMatchObject({ error });
  held.end('b');
  expect(held.of('b')).toBeUndefined();
  clock.advance(1);
  expect(held.of('a')).toBeUndefined();
});

it('a later failure holds the key anew', () => {
  const clock = new ManualClock();
  const held = new HoldDowns(clock, 100);
  held.add('a', 1);
  clock.advance(60);
  held.add('a', 2);
  clock.advance(60);
  expect(held.of('a')).toMatchObject({ error: 2 });
});

it('with no time to hold for, nothing is held', () => {
  const held = new HoldDowns(new ManualClock(), 0);
  held.add('a', 1);
  expect([held.of('a'), held.size]).toEqual([undefined, 0]);
});

it('the keys held are bounded in number, and those that are over go', () => {
  const clock = new ManualClock();
  const held = new HoldDowns(clock, 100);
  for (let key = 0; key < 15_000; key++) held.add(`k${key}`, 1);
  expect(held.size).toBe(10_000);
  expect([held.of('k4999'), held.of('k5000')]).toMatchObject([undefined, { error: 1 }]);
  clock.advance(100);
  held.add('a', 1);
  expect(held.size).toBe(1);
});
