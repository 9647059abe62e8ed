import {
  checkInteger,
  checkKnown,
  checkNumber,
  checkString,
  ConfigError,
  systemClock,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
  type Policy,
} from '@perf/core';
import type { CompressionOptions } from '../codec/compression.ts';
import { richCodec } from '../codec/rich-codec.ts';
import type { CacheStore } from '../contracts/cache-store.ts';
import type { Codec } from '../contracts/codec.ts';
import type { InvalidationBus } from '../contracts/invalidation-bus.ts';
import {
  resolveMemoryCacheOptions,
  type MemoryCachePolicy,
} from '../memory/memory-cache-options.ts';

/** The memory tier of a tiered cache. */
export interface MemoryTierOptions<V> {
  /** @default 10_000 */
  readonly maxEntries?: number;
  /** Bounds the sum of the weights as well. @default no bound */
  readonly maxBytes?: ByteSize;
  /** An entry's weight in bytes; needs `maxBytes`. @default an estimate of the value's size */
  readonly weigh?: (value: V, key: string) => number;
  /** @default 'adaptive' */
  readonly policy?: MemoryCachePolicy;
  /** How often expired entries are looked for; `false` for only when they are read. @default '1m' */
  readonly sweepInterval?: Duration | false;
}

/** Options of `createCache`. */
export interface TieredCacheOptions<V> {
  /** Names the cache in events, channels and statistics. @default 'cache' */
  readonly name?: string;
  /** The first tier, or `false` for none. @default {} */
  readonly memory?: MemoryTierOptions<V> | false;
  /**
   * The tiers behind memory, nearest first. The cache takes them over: a store serves one cache, and
   * `close` closes it. The last one with `fencing` keeps the ledger and the tickets. @default []
   */
  readonly stores?: readonly CacheStore[];
  /**
   * Tells memory at once what other instances change; without it the shared store is polled. It serves one
   * cache, which closes it. @default none
   */
  readonly bus?: InvalidationBus;
  /** How long an entry is fresh; `Infinity` for ever. @default '5m' */
  readonly ttl?: Duration;
  /**
   * How long an entry is kept without being read, never beyond its `ttl`. Stores with `touchMany` are
   * told of reads at most once per half of it; others keep entries for their `ttl`. @default Infinity
   */
  readonly slidingTtl?: Duration;
  /**
   * By how much of it, from 0 to 1, each ttl is shortened at random, so that what was stored together
   * does not expire together. @default 0
   */
  readonly jitter?: number;
  /** How long a negative result is kept, never beyond the entry's ttl. @default '30s' */
  readonly negativeTtl?: Duration;
  /**
   * Whether `getOrSet` begins to load an entry anew in the background before it expires, at a moment drawn
   * at random: the earlier, the longer its load took and the greater `beta`. @default false
   */
  readonly earlyRefresh?: boolean | { readonly beta?: number };
  /**
   * How long after that it may be served stale while it is loaded anew in the background; also how
   * long a softly invalidated entry is. @default 0
   */
  readonly staleWhileRevalidate?: Duration;
  /**
   * `for`: how long after it has stopped being fresh an entry is kept, to be served when its load fails;
   * `retryAfter`: how long after a failed load of a key no other is begun while there is a stale value
   * to serve. @default { for: 0, retryAfter: '5s' }
   */
  readonly staleIfError?: { readonly for?: Duration; readonly retryAfter?: Duration };
  /**
   * `hard`: how long a loader may run before its callers get {@link LoadTimeoutError}; waiting for its turn,
   * or for another instance (`leaseWait`), comes before. `soft`: how long callers wait for a load before
   * they get the value that `staleIfError` keeps, if there is one; the load goes on.
   * @default { hard: '30s' }, and no soft timeout
   */
  readonly loadTimeout?: { readonly soft?: Duration; readonly hard?: Duration };
  /** How many loads run at once. @default 64 */
  readonly loadConcurrency?: number;
  /** How many more may wait for their turn; beyond that callers get {@link LoadQueueFullError}. @default 10_000 */
  readonly loadQueue?: number;
  /**
   * How long to wait for another instance that is loading the same key before loading in its place.
   * @default `loadTimeout.soft`, or '5s' without one
   */
  readonly leaseWait?: Duration;
  /** How long one call to a store may take. @default 250 */
  readonly storeTimeout?: Duration;
  /** Runs every store call in place of the built-in cool-off, such as a circuit breaker. */
  readonly storePolicy?: Policy;
  /**
   * How old the knowledge of other instances' writes may be when memory serves, with a shared store
   * and no bus. @default 100
   */
  readonly pollInterval?: Duration;
  /**
   * `serve`: how long after the last contact memory goes on serving while the shared store is out of
   * reach. @default { serve: '30s' }
   */
  readonly isolated?: { readonly serve?: Duration };
  /** Turns values into bytes; `jsonCodec` takes plain JSON data only. @default richCodec */
  readonly codec?: Codec;
  /** Compression of stored values; `false` for none. @default false */
  readonly compression?: CompressionOptions | CompressionOptions['algorithm'] | false;
  /** How large a value may become when it is decompressed. @default '64mb' */
  readonly maxDecodedBytes?: ByteSize;
  /** Of what is drawn at random (`jitter`, `earlyRefresh`): the same seed and calls, the same times. @default random */
  readonly seed?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

const KNOWN: readonly (keyof TieredCacheOptions<unknown>)[] = [
  'name',
  'memory',
  'stores',
  'bus',
  'ttl',
  'slidingTtl',
  'jitter',
  'negativeTtl',
  'earlyRefresh',
  'staleWhileRevalidate',
  'staleIfError',
  'loadTimeout',
  'loadConcurrency',
  'loadQueue',
  'leaseWait',
  'storeTimeout',
  'storePolicy',
  'pollInterval',
  'isolated',
  'codec',
  'compression',
  'maxDecodedBytes',
  'seed',
  'clock',
];

const KNOWN_OF_MEMORY: readonly (keyof MemoryTierOptions<unknown>)[] = [
  'maxEntries',
  'maxBytes',
  'weigh',
  'policy',
  'sweepInterval',
];

/** The options as the cache uses them: checked, with defaults, durations in milliseconds. */
export interface ResolvedOptions {
  readonly name: string;
  readonly ttl: number;
  /** `Infinity` for none. */
  readonly slidingTtl: number;
  readonly jitter: number;
  readonly negativeTtl: number;
  /** The `beta`; 0 for none. */
  readonly earlyRefresh: number;
  readonly staleWhileRevalidate: number;
  /** `staleIfError.for`. */
  readonly staleIfError: number;
  readonly retryAfter: number;
  /** `Infinity` for none. */
  readonly softTimeout: number;
  readonly hardTimeout: number;
  readonly loadConcurrency: number;
  readonly loadQueue: number;
  readonly leaseWait: number;
  readonly storeTimeout: number;
  readonly storePolicy: Policy | undefined;
  readonly pollInterval: number;
  readonly isolatedServe: number;
  readonly codec: Codec;
  readonly seed: number | undefined;
  readonly clock: Clock;
}

/** @throws ConfigError naming the first option that is not right */
export function resolveOptions<V>(options: TieredCacheOptions<V>): ResolvedOptions {
  checkKnown('createCache', options, KNOWN);
  const { loadTimeout = {}, staleIfError = {}, isolated = {}, memory = {}, storePolicy } = options;
  if (memory !== false) {
    checkKnown('memory', memory, KNOWN_OF_MEMORY);
    resolveMemoryCacheOptions(memory, 'memory.');
  }
  checkKnown('loadTimeout', loadTimeout, ['soft', 'hard']);
  checkKnown('staleIfError', staleIfError, ['for', 'retryAfter']);
  checkKnown('isolated', isolated, ['serve']);
  if (storePolicy !== undefined && typeof storePolicy.execute !== 'function') {
    throw new ConfigError('storePolicy', storePolicy, 'an object with an execute method');
  }
  const { softTimeout, hardTimeout } = resolveLoadTimeout(loadTimeout);
  return {
    name: checkString('name', options.name ?? 'cache'),
    ttl: toMilliseconds('ttl', options.ttl ?? '5m', { infinite: true }),
    slidingTtl: toMilliseconds('slidingTtl', options.slidingTtl ?? Infinity, { infinite: true }),
    jitter: checkNumber('jitter', options.jitter ?? 0, 0, 1),
    negativeTtl: toMilliseconds('negativeTtl', options.negativeTtl ?? '30s', { infinite: true }),
    earlyRefresh: resolveEarlyRefresh(options.earlyRefresh),
    staleWhileRevalidate: toMilliseconds(
      'staleWhileRevalidate',
      options.staleWhileRevalidate ?? 0,
      {
        min: 0,
      },
    ),
    staleIfError: toMilliseconds('staleIfError.for', staleIfError.for ?? 0, { min: 0 }),
    retryAfter: toMilliseconds('staleIfError.retryAfter', staleIfError.retryAfter ?? '5s', {
      min: 0,
    }),
    softTimeout,
    hardTimeout,
    loadConcurrency: checkInteger('loadConcurrency', options.loadConcurrency ?? 64),
    loadQueue: checkInteger('loadQueue', options.loadQueue ?? 10_000, { min: 0 }),
    leaseWait: toMilliseconds('leaseWait', options.leaseWait ?? loadTimeout.soft ?? '5s'),
    storeTimeout: toMilliseconds('storeTimeout', options.storeTimeout ?? 250),
    storePolicy,
    pollInterval: toMilliseconds('pollInterval', options.pollInterval ?? 100),
    isolatedServe: toMilliseconds('isolated.serve', isolated.serve ?? '30s', { min: 0 }),
    codec: options.codec ?? richCodec,
    seed:
      options.seed === undefined
        ? undefined
        : checkInteger('seed', options.seed, { min: 0, max: 2 ** 32 - 1 }),
    clock: options.clock ?? systemClock,
  };
}

function resolveLoadTimeout({
  soft,
  hard = '30s',
}: {
  readonly soft?: Duration;
  readonly hard?: Duration;
}): Pick<ResolvedOptions, 'softTimeout' | 'hardTimeout'> {
  const hardTimeout = toMilliseconds('loadTimeout.hard', hard);
  if (soft === undefined) return { softTimeout: Infinity, hardTimeout };
  const softTimeout = toMilliseconds('loadTimeout.soft', soft);
  if (softTimeout > hardTimeout) {
    throw new ConfigError('loadTimeout.soft', soft, `at most loadTimeout.hard (${hardTimeout} ms)`);
  }
  return { softTimeout, hardTimeout };
}

function resolveEarlyRefresh(option: TieredCacheOptions<unknown>['earlyRefresh'] = false): number {
  if (typeof option === 'boolean') return option ? 1 : 0;
  checkKnown('earlyRefresh', option, ['beta']);
  return checkNumber('earlyRefresh.beta', option.beta ?? 1, 0, 100);
}
