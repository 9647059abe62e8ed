import {
  checkInteger,
  checkKnown,
  checkNumber,
  checkOneOf,
  checkString,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import {
  RATE_OPTIONS,
  resolveRate,
  type RateOptions,
  type RateSettings,
} from '../limiters/options.ts';
import { checkClient, type RedisLimiterClient } from './redis-client.ts';
import type { FailMode } from './telemetry.ts';

/** Options of `redisRateLimiter`. */
export interface RedisRateLimiterOptions extends RateOptions {
  /** A client of ioredis 5 or 6. Who made it closes it. Any settings will do; nothing waits in its queues. */
  readonly client: RedisLimiterClient;
  /**
   * Where the keys are: `prefix:key`. The same for all processes that share the limit, and for no other limit. 1 to 100
   * characters without braces, spaces and control characters. On a Cluster each key has a slot of its own; one with
   * `{a tag}` in it has the tag's.
   */
  readonly prefix: string;
  /**
   * `'strict'`: one round trip for each decision, and never more than the limit. `'lease'`: a process takes what it will
   * need next, all at once, and decides by itself as long as that lasts. @default 'strict'
   */
  readonly mode?: 'strict' | 'lease';
  /**
   * With `mode: 'lease'`: the time in which a process asks Redis about a key once. What it took is void after twice
   * that. @default '20ms', but at most half the time in which the burst comes back
   */
  readonly leaseInterval?: Duration;
  /** What decides while Redis does not answer. @default 'local' */
  readonly failMode?: FailMode;
  /**
   * With `failMode: 'local'`: which part of the limit this process admits by itself; 1 / the number of processes keeps
   * their sum. @default 1
   */
  readonly localShare?: number;
  /** How long Redis may take for a decision, in all. @default '50ms' */
  readonly deadline?: Duration;
  /** How often one decision is put to a Redis that does not answer. @default '500ms' */
  readonly retryInterval?: Duration;
  /** Told in errors, events and snapshots. @default 'redis' */
  readonly name?: string;
  /** The most keys that are remembered here: with a lease, and while Redis does not answer. @default 100_000 */
  readonly maxKeys?: number;
  /** How many may wait in this process, over all keys; further ones are refused at once. @default 1000 */
  readonly maxQueue?: number;
  /** The longest wait of a `take` that says nothing about it. @default '30s' */
  readonly timeout?: Duration;
  /** The source of time for what is decided here. @default systemClock */
  readonly clock?: Clock;
}

/** {@link RedisRateLimiterOptions} checked and completed. */
export interface RedisRateLimiterSettings {
  readonly client: RedisLimiterClient;
  readonly prefix: string;
  readonly rate: RateSettings;
  readonly mode: 'strict' | 'lease';
  readonly leaseInterval: number;
  readonly failMode: FailMode;
  readonly localShare: number;
  readonly deadline: number;
  readonly retryInterval: number;
  readonly name: string;
  readonly maxKeys: number;
  readonly maxQueue: number;
  readonly timeout: number;
  readonly clock: Clock;
}

const WHAT = 'redisRateLimiter';
const KNOWN: readonly (keyof RedisRateLimiterOptions)[] = [
  ...RATE_OPTIONS,
  'client',
  'prefix',
  'mode',
  'leaseInterval',
  'failMode',
  'localShare',
  'deadline',
  'retryInterval',
  'name',
  'maxKeys',
  'maxQueue',
  'timeout',
  'clock',
];
const LONGEST_PREFIX = 100;
const FORM = /^[^\s{}\p{Cc}]+$/u;
const SMALLEST_SHARE = 1e-6;
const MOST_KEYS = 2 ** 24 - 2;

/** @throws ConfigError naming the option that is not right */
export function resolveOptions(options: RedisRateLimiterOptions): RedisRateLimiterSettings {
  checkKnown(WHAT, options, KNOWN);
  const rate = resolveRate(WHAT, options);
  const interval = toMilliseconds(`${WHAT}.leaseInterval`, options.leaseInterval ?? 20);
  return {
    client: checkClient(`${WHAT}.client`, options.client),
    prefix: checkPrefix(options.prefix),
    rate,
    mode: checkOneOf(`${WHAT}.mode`, options.mode ?? 'strict', ['strict', 'lease']),
    leaseInterval: Math.min(interval, rate.burst / rate.rate / 2),
    failMode: checkOneOf(`${WHAT}.failMode`, options.failMode ?? 'local', [
      'local',
      'open',
      'closed',
    ]),
    localShare: checkNumber(`${WHAT}.localShare`, options.localShare ?? 1, SMALLEST_SHARE, 1),
    deadline: toMilliseconds(`${WHAT}.deadline`, options.deadline ?? 50),
    retryInterval: toMilliseconds(`${WHAT}.retryInterval`, options.retryInterval ?? 500),
    name: checkString(`${WHAT}.name`, options.name ?? 'redis'),
    maxKeys: checkInteger(`${WHAT}.maxKeys`, options.maxKeys ?? 100_000, { max: MOST_KEYS }),
    maxQueue: checkInteger(`${WHAT}.maxQueue`, options.maxQueue ?? 1000, { min: 0 }),
    timeout: toMilliseconds(`${WHAT}.timeout`, options.timeout ?? 30_000, {
      min: 0,
      infinite: true,
    }),
    clock: options.clock ?? systemClock,
  };
}

/** No key of one prefix is one of another's: the first colon ends it. */
function checkPrefix(prefix: string): string {
  checkString(`${WHAT}.prefix`, prefix);
  if (prefix.length > LONGEST_PREFIX || !FORM.test(prefix)) {
    throw new ConfigError(
      `${WHAT}.prefix`,
      prefix,
      `1 to ${LONGEST_PREFIX} characters without braces, spaces and control characters`,
    );
  }
  return prefix.replaceAll('%', '%25').replaceAll(':', '%3A');
}
