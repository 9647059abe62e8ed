import {
  checkKnown,
  checkString,
  systemClock,
  toBytes,
  type ByteSize,
  type Clock,
} from '@perf/core';
import {
  resolveSource,
  SOURCE_OPTIONS,
  type ClientMaker,
  type ClientSource,
} from './client/client-source.ts';
import { KeySpace } from './keys/key-space.ts';

/** Options of {@link redisStore}. */
export interface RedisStoreOptions extends ClientSource {
  /**
   * Where the keys of this cache are: `{prefix:key}`. The same for all instances of one cache, and for no
   * other cache. 1 to 100 characters without braces, spaces and control characters.
   */
  readonly prefix: string;
  /** Names the tier in statistics, events and errors. @default 'redis' */
  readonly name?: string;
  /** The largest value taken; larger ones are refused. @default '64mb', at most '512mb' */
  readonly maxValueBytes?: ByteSize;
  /** The source of time. @default systemClock */
  readonly clock?: Clock;
}

/** {@link RedisStoreOptions} checked and completed. */
export interface RedisStoreSettings {
  readonly maker: ClientMaker;
  readonly space: KeySpace;
  readonly name: string;
  readonly maxValueBytes: number;
  readonly clock: Clock;
}

const KNOWN: readonly (keyof RedisStoreOptions)[] = [
  ...SOURCE_OPTIONS,
  'prefix',
  'name',
  'maxValueBytes',
  'clock',
];
/** Redis takes no longer text. */
const LARGEST_VALUE = 512 * 1024 * 1024;

/** The longest key taken, in bytes of UTF-8. */
export const MAX_KEY_BYTES: number = 1024 * 1024;

/** @throws ConfigError naming the option that is not right */
export function resolveOptions(options: RedisStoreOptions): RedisStoreSettings {
  checkKnown('redisStore', options, KNOWN);
  return {
    space: new KeySpace(options.prefix),
    maker: resolveSource('redisStore', options),
    name: checkString('name', options.name ?? 'redis'),
    maxValueBytes: toBytes('maxValueBytes', options.maxValueBytes ?? '64mb', {
      max: LARGEST_VALUE,
    }),
    clock: options.clock ?? systemClock,
  };
}
