import { countHits, loopTrace, scanTrace, shiftTrace, zipfTrace, type Trace } from '@perf/traces';
import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../../src/eviction/adaptive/configuration.ts';
import { Steering } from '../../../src/eviction/adaptive/steering.ts';
import { RESERVED, USED } from '../../../src/eviction/adaptive/entry-word.ts';
import { WTinyLfu } from '../../../src/eviction/adaptive/w-tiny-lfu.ts';
import { mix } from '../../../src/eviction/key-hash.ts';

const BARE = { admitsKnown: false, ageing: 16 };
const CONFIGURATIONS: readonly Configuration[] = [
  { window: 1, rotates: false, ...BARE },
  { window: 10, rotates: true, ...BARE },
  { window: 30, rotates: true, ...BARE },
  { window: 80, rotates: true, ...BARE },
];

/** A cache of nothing but the queues and their steering. */
class BareCache {
  readonly #steering: Steering;
  readonly #queues: WTinyLfu;
  readonly #links: Int32Array;
  readonly #capacity: number;
  readonly #slots = new Map<number, number>();
  readonly #keys: number[] = [];

  constructor(capacity: number) {
    const slots = RESERVED + capacity;
    const room = { entries: capacity, weight: capacity };
    this.#capacity = capacity;
    this.#links = new Int32Array(2 * slots);
    this.#steering = new Steering(capacity, { configurations: CONFIGURATIONS, margin: 1.02 });
    this.#queues = new WTinyLfu(room, slots, this.#steering.configuration);
    this.#queues.reset(this.#links);
  }

  get(key: number): true | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    const { words } = this.#queues;
    words[slot] = (words[slot] as number) | USED;
    this.#steer(mix(key));
    return true;
  }

  set(key: number, _value: true): void {
    const hash = mix(key);
    this.#queues.arrive(this.#links, hash, 1);
    const slot = this.#place();
    this.#keys[slot] = key;
    this.#slots.set(key, slot);
    this.#queues.insert(this.#links, slot, false);
    this.#steer(hash);
  }

  #place(): number {
    if (this.#slots.size < this.#capacity) return RESERVED + this.#slots.size;
    const slot = this.#queues.victim(this.#links);
    this.#queues.evict(this.#links, slot);
    this.#slots.delete(this.#keys[slot] as number);
    return slot;
  }

  #steer(hash: number): void {
    if (this.#steering.use(hash, Infinity, 0)) this.#queues.steer(this.#steering.configuration);
  }
}

// The design from which that of `adaptive` was developed: its counts, by an independent implementation,
// show that queues, history, shadows and steering do what they were described to do.
describe.each<{
  readonly name: string;
  readonly make: () => Trace;
  readonly cells: readonly { readonly capacity: number; readonly hits: number }[];
}>([
  {
    name: 'a loop',
    make: loopTrace,
    cells: [
      { capacity: 750, hits: 63_976 },
      { capacity: 1500, hits: 114_437 },
      { capacity: 2500, hits: 183_825 },
    ],
  },
  {
    name: 'scans',
    make: scanTrace,
    cells: [
      { capacity: 1000, hits: 473_558 },
      { capacity: 5000, hits: 573_842 },
    ],
  },
  {
    name: 'shifts',
    make: shiftTrace,
    cells: [
      { capacity: 1000, hits: 563_033 },
      { capacity: 5000, hits: 659_947 },
    ],
  },
  { name: 'steady', make: zipfTrace, cells: [{ capacity: 5000, hits: 552_379 }] },
])('on the synthetic trace $name', ({ make, cells }) => {
  const trace = make();

  test.each(cells)('the starting design has exactly $hits hits of $capacity entries', (cell) => {
    expect(countHits(trace, new BareCache(cell.capacity))).toBe(cell.hits);
  });
});
