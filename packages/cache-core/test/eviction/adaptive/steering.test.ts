import { seededRandom } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { Steering } from '../../../src/eviction/adaptive/steering.ts';
import { mix } from '../../../src/eviction/key-hash.ts';

/** A cache of 512 entries has shadows of 128 places, and decides every 128 sampled uses. */
const CAPACITY = 512;
const PERIOD = 128;

function feed(steering: Steering, keys: Iterable<number>): number[] {
  const switches: number[] = [];
  let uses = 0;
  for (const key of keys) {
    if (steering.use(mix(key))) switches.push(uses);
    uses++;
  }
  return switches;
}

/** Nothing but hits, in every configuration. */
function same(periods: number): number[] {
  return Array.from({ length: periods * PERIOD }, () => 1);
}

/** A loop slightly longer than a shadow, which none but the smallest window holds on to. */
function loop(periods: number): number[] {
  return Array.from({ length: periods * PERIOD }, (_, i) => 1000 + (i % 160));
}

/** Keys that come back soon, and then never again: only a large window hits them. */
function recent(periods: number): number[] {
  const random = seededRandom(1);
  return Array.from({ length: periods * PERIOD }, (_, i) => 1e6 + i - Math.floor(random() * 90));
}

test('begins with a window of a tenth, and stays there while no configuration is better', () => {
  const steering = new Steering(CAPACITY);
  expect(steering.configuration).toEqual({ window: 10, rotates: true });
  expect(feed(steering, same(200))).toEqual([]);
  expect(steering.configuration).toEqual({ window: 10, rotates: true });
});

test('goes over to a small window for loops and to a large one for what is recent', () => {
  const steering = new Steering(CAPACITY);
  feed(steering, loop(15));
  expect(steering.configuration).toEqual({ window: 1, rotates: false });
  feed(steering, recent(60));
  expect(steering.configuration).toEqual({ window: 80, rotates: true });
});

test('decides at the end of a period only', () => {
  const switches = feed(new Steering(CAPACITY), [...loop(15), ...recent(60)]);
  expect(switches.length).toBeGreaterThanOrEqual(2);
  for (const uses of switches) expect((uses + 1) % PERIOD).toBe(0);
});

test('rests for 24 periods after 16 without a switch, and is awake for 4 in between', () => {
  // Where there is no rest, or it is over, the loop makes it switch at the end of a known period.
  const before = feed(new Steering(CAPACITY), [...same(15), ...loop(100)]);
  const within = feed(new Steering(CAPACITY), [...same(16), ...loop(100)]);
  const late = feed(new Steering(CAPACITY), [...same(16 + 24 + 4), ...loop(100)]);
  expect(Math.floor((before[0] as number) / PERIOD)).toBeGreaterThanOrEqual(16 + 24);
  for (const [uses, asleep] of [
    [within[0], [16, 40]],
    [late[0], [44, 68]],
  ] as const) {
    const period = Math.floor((uses as number) / PERIOD);
    expect(period).toBeGreaterThanOrEqual(asleep[1]);
  }
  expect(Math.floor((within[0] as number) / PERIOD)).toBeLessThan(40 + 4 + 24 + 4);
});

test('large caches, where few keys are sampled, never rest', () => {
  const switches = feed(new Steering(1e6), [...same(100), ...loop(60)]);
  expect(Math.floor((switches[0] as number) / PERIOD)).toBeLessThan(160);
});

test('the same uses lead to the same decisions', () => {
  const keys = [...loop(15), ...recent(60), ...loop(60), ...recent(100)];
  expect(feed(new Steering(CAPACITY), keys)).toEqual(feed(new Steering(CAPACITY), keys));
});

test('samples a quarter of the keys, or 128 of as many as the cache has entries', () => {
  const part = (capacity: number): number => {
    const steering = new Steering(capacity);
    let sampled = 0;
    for (let key = 0; key < 200_000; key++) if (steering.samples(mix(key))) sampled++;
    return sampled / 200_000;
  };
  expect(part(32)).toBeCloseTo(1 / 4, 2);
  expect(part(512)).toBeCloseTo(1 / 4, 2);
  expect(part(4096)).toBeCloseTo(128 / 4096, 2);
  expect(part(1e6)).toBeLessThan(0.001);
  expect(part(31)).toBe(0);
});
