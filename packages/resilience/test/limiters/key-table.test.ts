import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { slidingWindow } from '../../src/limiters/sliding-window.ts';
import { tokenBucket } from '../../src/limiters/token-bucket.ts';

const SPEED = { limit: 2, window: 1000 };

const LIMITERS = {
  tokenBucket: (maxKeys: number, clock: ManualClock) =>
    tokenBucket({ rate: SPEED.limit, per: SPEED.window, maxKeys, clock }),
  slidingWindow: (maxKeys: number, clock: ManualClock) =>
    slidingWindow({ ...SPEED, maxKeys, clock }),
};

describe.each(Object.entries(LIMITERS))('keys of %s', (_, create) => {
  test('many keys, each used once, leave only those that something counts against', () => {
    const clock = new ManualClock();
    const limiter = create(10_000, clock);
    for (let user = 0; user < 200_000; user++) {
      if (user % 1000 === 0) clock.advance(500);
      limiter.tryTake(`user:${user}`);
    }
    expect(limiter.snapshot()).toMatchObject({ admitted: 200_000, overflowed: 0 });
    expect(limiter.snapshot().keys).toBeLessThan(6000);
  });

  test('keys beyond the table share one limit, told by one event', () => {
    const limiter = create(3, new ManualClock());
    const told: unknown[] = [];
    limiter.on('full', (event) => told.push(event));
    for (const key of ['a', 'b', 'c']) limiter.tryTake(key);
    const admitted = ['d', 'e', 'f', 'g'].filter((key) => limiter.tryTake(key).admitted);
    expect(admitted).toEqual(['d', 'e']);
    expect(told).toEqual([{ limiter: limiter.name, maxKeys: 3 }]);
    expect(limiter.snapshot()).toMatchObject({ keys: 3, overflowed: 4 });
    expect(limiter.tryTake('a').admitted).toBe(true);
  });

  test('a key that gets a place begins with what the shared limit has given', () => {
    const limiter = create(1, new ManualClock());
    limiter.tryTake('a');
    expect(limiter.tryTake('b').remaining).toBe(1);
    limiter.reset('a');
    expect(limiter.tryTake('b').remaining).toBe(0);
    expect(limiter.snapshot()).toMatchObject({ keys: 1, overflowed: 1 });
  });

  test('the table is told to be full again after it was not', () => {
    const clock = new ManualClock();
    const limiter = create(1, clock);
    let told = 0;
    limiter.on('full', () => told++);
    limiter.tryTake('a');
    limiter.tryTake('b');
    clock.advance(5000);
    limiter.tryTake('c');
    limiter.tryTake('d');
    expect(told).toBe(2);
  });

  test('a key without a place cannot be blocked, and does not block others', () => {
    const limiter = create(1, new ManualClock());
    limiter.tryTake('a');
    expect(limiter.block('b', '1h')).toBe(false);
    expect(limiter.tryTake('c').admitted).toBe(true);
    limiter.reset('b');
    limiter.reward('b', 5);
    expect(limiter.check('c').remaining).toBe(1);
  });

  test('a full table finds the keys that are idle among those that are not', () => {
    const clock = new ManualClock();
    const limiter = create(20, clock);
    for (let key = 0; key < 20; key++) {
      limiter.tryTake(`${key}`);
      if (key < 15) limiter.block(`${key}`, '1h');
    }
    clock.advance(60_000);
    for (const key of ['a', 'b', 'c', 'd', 'e']) limiter.tryTake(key);
    expect(limiter.snapshot()).toMatchObject({ keys: 20, overflowed: 0 });
    expect(limiter.check('0').admitted).toBe(false);
  });

  test('check makes no place for a key', () => {
    const limiter = create(1, new ManualClock());
    limiter.check('a');
    expect(limiter.snapshot().keys).toBe(0);
  });
});
