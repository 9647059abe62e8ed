import { checkKnown, ConfigError, toMilliseconds, type Duration } from '@perf/core';
import { checkTags } from '../keys/check-tag.ts';

/** Options of a write. */
export interface WriteOptions {
  /** @default the cache's ttl */
  readonly ttl?: Duration | undefined;
  /** Names under which the entry can be invalidated together with others. @default none */
  readonly tags?: readonly string[] | undefined;
}

/** {@link WriteOptions}, checked. */
export interface EntryTerms {
  /** Milliseconds. */
  readonly ttl: number;
  readonly tags: readonly string[];
  /** Whether it is a negative result. @default false */
  readonly negative?: boolean;
}

const KNOWN: readonly string[] = ['ttl', 'tags'];
const KNOWN_OF_LOADS: readonly string[] = [...KNOWN, 'signal'];

/** @throws ConfigError naming the option that is refused */
export function checkTerms(
  what: 'write' | 'load',
  options: WriteOptions,
  defaultTtl: number,
): EntryTerms {
  checkKnown('options', options, what === 'load' ? KNOWN_OF_LOADS : KNOWN);
  const { ttl, tags } = options;
  return {
    ttl: ttl === undefined ? defaultTtl : toMilliseconds('ttl', ttl, { infinite: true }),
    tags: checkTags(tags ?? []),
  };
}

/**
 * The last value of each key.
 * @throws ConfigError when it is not an iterable of pairs
 */
export function toPairs<V>(values: Iterable<readonly [string, V]>): (readonly [string, V])[] {
  const given: unknown = values;
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
    throw new ConfigError('values', given, 'a Map or another iterable of [key, value] pairs');
  }
  const pairs = [...values];
  for (const pair of pairs as unknown[]) {
    if (!Array.isArray(pair)) throw new ConfigError('values', pair, '[key, value] pairs');
  }
  return [...new Map(pairs)];
}
