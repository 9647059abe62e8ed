import { seededRandom } from '@perf/core/testing';
import { zipf } from '@perf/traces';
import { shuffled } from '../harness/statistics.ts';

const KEYS = 100_000;
const ACCESSES = 64_000;
const OPERATIONS = 400_000;

/** The keys and operations that all caches of all processes get. */
export interface Fixture {
  readonly keys: readonly string[];
  /** As many of the keys as a cache holds, in random order. */
  readonly residents: readonly string[];
  /** Uniform random accesses to the residents. */
  readonly accesses: readonly string[];
  /** 400,000 reads and writes of all keys, whose popularity is Zipf(.99), over and over: see `readThrough`. */
  readonly operations: Uint32Array;
  /** What is stored: old by the time of the measurement, so that no write has to tell the collector of it. */
  readonly value: object;
}

export function createFixture(capacity: number): Fixture {
  const random = seededRandom(7);
  const numbers = Array.from({ length: KEYS }, (_, index) => index);
  // Neighbours by popularity or in a scan do not lie side by side in memory.
  const keys: string[] = [];
  for (const number of shuffled(numbers, random)) {
    keys[number] = flatString(`user:profile:${number}`);
  }
  const residents = shuffled(keys.slice(0, capacity), random);
  const accesses = Array.from(
    { length: ACCESSES },
    () => residents[Math.floor(random() * capacity)] as string,
  );
  const draw = zipf(random, KEYS, 0.99);
  const operations = new Uint32Array(OPERATIONS).map(() =>
    random() < 0.1 ? draw() + 0x8000_0000 : draw(),
  );
  return { keys, residents, accesses, operations, value: {} };
}

/**
 * The text as one run of characters. V8 makes a long concatenation a tree, which the first use that
 * reads characters flattens: whoever did so would pay for it.
 */
export function flatString(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
