import { randomInt } from 'node:crypto';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKnown,
  checkOneOf,
  ConfigError,
  systemClock,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
} from '@perf/core';
import { estimateEntryBytes } from './entries/estimate-bytes.ts';

/**
 * Which entry a full memory cache gives up: `adaptive` weighs how often and how recently keys were
 * used, those that have left included, and finds by itself what suits the workload; `lru` the least
 * recently used; `lfu` the least often used (with ageing); `fifo` the first inserted; `sieve` and
 * `s3fifo` one that was not used since it last came up; `ttl` none: a full cache throws
 * `CacheFullError`.
 */
export type MemoryCachePolicy = 'adaptive' | 'lru' | 'lfu' | 'fifo' | 'sieve' | 's3fifo' | 'ttl';

/** Options of `createMemoryCache`. */
export interface MemoryCacheOptions<Key, Value> {
  /**
   * The most entries held, 1 to 8,000,000 (a `Map` cannot safely hold more).
   * @default 10,000; 8,000,000 when `maxBytes` is given
   */
  readonly maxEntries?: number;
  /** The most the entries may weigh together. @default no bound */
  readonly maxBytes?: ByteSize;
  /**
   * An entry's weight in whole bytes, 0 or more; called once per `set`. Needs `maxBytes`. @default an
   * estimate of the memory that key, value and the cache's own record take, from a sample of large values
   */
  readonly weigh?: (value: Value, key: Key) => number;
  /** How long an entry lives at most. @default Infinity */
  readonly ttl?: Duration;
  /** How long an entry lives without being read by `get`. With `ttl`, whichever ends first counts. @default Infinity */
  readonly slidingTtl?: Duration;
  /** See {@link MemoryCachePolicy}. @default 'adaptive' */
  readonly policy?: MemoryCachePolicy;
  /**
   * How often expired entries are looked for, a few thousand slots at a time. The timer runs only
   * while there are entries that can expire and never keeps the process alive; `false` for none.
   * @default '1m'
   */
  readonly sweepInterval?: Duration | false;
  /** Whether to count hits, misses and so on. @default true */
  readonly stats?: boolean;
  /**
   * Of the hashes of keys, a 32-bit integer: with the same seed the same calls give the same hits.
   * Whoever knows it can choose keys that hash alike. @default random
   */
  readonly seed?: number;
  /** Where time comes from; it must not use the cache. @default the system's clock */
  readonly clock?: Clock;
}

/** {@link MemoryCacheOptions}, checked, with every default filled in. */
export interface MemoryCacheSettings<Key, Value> {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly weigh: (value: Value, key: Key) => number;
  /** In milliseconds, 0 for none. */
  readonly ttl: number;
  /** In milliseconds, 0 for none. */
  readonly slidingTtl: number;
  readonly policy: MemoryCachePolicy;
  /** `Infinity` for no sweep. */
  readonly sweepInterval: number;
  readonly stats: boolean;
  readonly seed: number;
  readonly clock: Clock;
}

const DEFAULT_MAX_ENTRIES = 10_000;
/** A `Map` throws at 2²⁴ entries, deleted ones not yet compacted included; half of that is safe. */
const LARGEST_MAX_ENTRIES = 8_000_000;
const DEFAULT_SWEEP_INTERVAL = 60_000;
const POLICIES: readonly MemoryCachePolicy[] = [
  'adaptive',
  'lru',
  'lfu',
  'fifo',
  'sieve',
  's3fifo',
  'ttl',
];
const KNOWN: readonly (keyof MemoryCacheOptions<never, never>)[] = [
  'maxEntries',
  'maxBytes',
  'weigh',
  'ttl',
  'slidingTtl',
  'policy',
  'sweepInterval',
  'stats',
  'seed',
  'clock',
];

/**
 * @param path what stands before the names of the options in errors, such as `memory.`
 * @throws `ConfigError` naming the first option that is unknown or invalid
 */
export function resolveMemoryCacheOptions<Key, Value>(
  options: MemoryCacheOptions<Key, Value>,
  path: string = '',
): MemoryCacheSettings<Key, Value> {
  checkKnown('createMemoryCache', options, KNOWN);
  const { maxBytes, maxEntries, weigh, clock = systemClock } = options;
  if (weigh !== undefined && maxBytes === undefined) {
    throw new ConfigError(`${path}weigh`, weigh, 'absent, or given together with maxBytes');
  }
  if (typeof clock?.coarse !== 'function') throw new ConfigError(`${path}clock`, clock, 'a Clock');
  return {
    maxEntries:
      maxEntries === undefined
        ? maxBytes === undefined
          ? DEFAULT_MAX_ENTRIES
          : LARGEST_MAX_ENTRIES
        : checkMaxEntries(maxEntries, `${path}maxEntries`),
    maxBytes: maxBytes === undefined ? Infinity : toBytes(`${path}maxBytes`, maxBytes),
    weigh: weigh === undefined ? estimateEntryBytes : checkFunction(`${path}weigh`, weigh),
    ttl: lifetime(`${path}ttl`, options.ttl ?? Infinity),
    slidingTtl: lifetime(`${path}slidingTtl`, options.slidingTtl ?? Infinity),
    policy: checkOneOf(`${path}policy`, options.policy ?? 'adaptive', POLICIES),
    sweepInterval: sweepInterval(`${path}sweepInterval`, options.sweepInterval),
    stats: checkBoolean(`${path}stats`, options.stats ?? true),
    seed: options.seed === undefined ? randomSeed() : checkSeed(`${path}seed`, options.seed),
    clock,
  };
}

/** @throws `ConfigError` unless it is a whole number from 1 to 8,000,000 */
export function checkMaxEntries(maxEntries: number, option: string = 'maxEntries'): number {
  return checkInteger(option, maxEntries, { max: LARGEST_MAX_ENTRIES });
}

/**
 * A lifetime in milliseconds, 0 for one without end.
 * @throws `ConfigError` naming the option
 */
export function lifetime(option: string, value: Duration): number {
  const milliseconds = toMilliseconds(option, value, { infinite: true });
  return milliseconds === Infinity ? 0 : milliseconds;
}

function sweepInterval(option: string, value: Duration | false | undefined): number {
  if (value === undefined) return DEFAULT_SWEEP_INTERVAL;
  return value === false ? Infinity : toMilliseconds(option, value);
}

function checkSeed(option: string, seed: number): number {
  return checkInteger(option, seed, { min: -(2 ** 31), max: 2 ** 32 - 1 }) | 0;
}

function randomSeed(): number {
  return randomInt(2 ** 32) | 0;
}
