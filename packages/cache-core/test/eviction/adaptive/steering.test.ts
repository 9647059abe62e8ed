import { seededRandom } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { CONFIGURATIONS } from '../../../src/eviction/adaptive/configuration.ts';
import { Steering } from '../../../src/eviction/adaptive/steering.ts';
import { mix } from '../../../src/eviction/key-hash.ts';

/** A cache of 512 entries has shadows of 128 places, and decides every 128 sampled uses. */
const CAPACITY = 512;
const PERIOD = 128;

/** Undoes what a hash is multiplied by before it is compared with the part of the keys to sample. */
const UNDO = 0xa5cb9243;

/** The hash of a key that every cache samples, however large. */
function sampled(key: number): number {
  return Math.imul(key, UNDO);
}

function feed(steering: Steering, keys: Iterable<number>): number[] {
  const switches: number[] = [];
  let uses = 0;
  for (const key of keys) {
    if (steering.use(sampled(key), Infinity, 0)) switches.push(uses);
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
  return Array.from(
    { length: periods * PERIOD },
    (_, i) => 100_000 + i - Math.floor(random() * 90),
  );
}

test('begins with a window of a tenth, and stays there while no configuration is better', () => {
  const steering = new Steering(CAPACITY);
  expect(steering.configuration).toBe(CONFIGURATIONS[1]);
  expect(feed(steering, same(200))).toEqual([]);
  expect(steering.configuration).toBe(CONFIGURATIONS[1]);
});

test('goes over to a small window for loops and to a large one for what is recent', () => {
  const steering = new Steering(CAPACITY);
  feed(steering, loop(15));
  expect(steering.configuration).toBe(CONFIGURATIONS[0]);
  feed(steering, recent(60));
  expect(steering.configuration).toBe(CONFIGURATIONS[3]);
});

test('decides at the end of a period only', () => {
  const switches = feed(new Steering(CAPACITY), [...loop(15), ...recent(60)]);
  expect(switches.length).toBeGreaterThanOrEqual(2);
  for (const uses of switches) expect((uses + 1) % PERIOD).toBe(0);
});

/** In which period a switch comes, if after so many without any hits all keys come back once. */
function firstSwitch(capacity: number, periods: number): number {
  const once = Array.from({ length: periods * PERIOD }, (_, i) => i);
  // 50 uses later: in time for the largest window, too late for the others.
  const twice = Array.from(
    { length: 100 * PERIOD },
    (_, i) => 100_000 + (i % 100 < 50 ? i : i - 50),
  );
  const [first] = feed(new Steering(capacity), [...once, ...twice]);
  return Math.floor((first as number) / PERIOD);
}

test('rests for 24 periods after 16 without a switch, and then after every 4', () => {
  expect([3, 7, 15].map((periods) => firstSwitch(CAPACITY, periods))).toEqual([3, 7, 15]);
  expect([16, 30, 39].map((periods) => firstSwitch(CAPACITY, periods))).toEqual([40, 40, 40]);
  expect([40, 43].map((periods) => firstSwitch(CAPACITY, periods))).toEqual([40, 43]);
  expect([44, 67].map((periods) => firstSwitch(CAPACITY, periods))).toEqual([68, 68]);
});

test('above 4096 entries, where few keys are sampled, it never rests', () => {
  expect(firstSwitch(4096, 16)).toBe(40);
  expect(firstSwitch(4097, 16)).toBe(16);
  expect(firstSwitch(1e6, 100)).toBe(100);
});

test('in a small cache a period has 32 uses, however few places a shadow has', () => {
  for (const capacity of [3, 8, 31, 64, 128]) {
    const switches = feed(new Steering(capacity), [...loop(15), ...recent(60), ...loop(15)]);
    expect(switches.length).toBeGreaterThanOrEqual(1);
    for (const uses of switches) expect((uses + 1) % 32).toBe(0);
  }
});

test('the same uses lead to the same decisions', () => {
  const keys = [...loop(15), ...recent(60), ...loop(60), ...recent(100)];
  expect(feed(new Steering(CAPACITY), keys)).toEqual(feed(new Steering(CAPACITY), keys));
});

test('a use of a key that is not in the sample counts for nothing', () => {
  const steering = new Steering(CAPACITY);
  const switches = [...loop(15), ...recent(60)].map((key) => {
    expect(steering.use(~sampled(key), Infinity, 0)).toBe(false);
    return steering.use(sampled(key), Infinity, 0);
  });
  const alone = feed(new Steering(CAPACITY), [...loop(15), ...recent(60)]);
  expect(switches.flatMap((has, i) => (has ? [i] : []))).toEqual(alone);
});

test('samples a quarter of the keys, or 128, but at least 8, of as many as the cache has entries', () => {
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
  expect(part(16)).toBeCloseTo(1 / 2, 2);
  expect(part(8)).toBe(1);
  expect(part(3)).toBe(1);
  expect(part(2)).toBe(0);
});
