import { checkInteger, checkKnown } from '@perf/core';
import { lifetime, type MemoryCacheSettings } from '../memory-cache-options.ts';
import type { MemorySetOptions } from '../memory-cache.ts';

/** On what terms a value is stored. */
export interface SetTerms {
  readonly ttl: number;
  readonly slidingTtl: number;
  /** 0 in a cache without `maxBytes`. */
  readonly weight: number;
}

const NO_OPTIONS: MemorySetOptions = {};
const KNOWN: readonly (keyof MemorySetOptions)[] = ['ttl', 'slidingTtl', 'weight'];

/**
 * The terms of one `set`: its options over the cache's defaults.
 * @throws `ConfigError` when one is unknown or invalid, and what `weigh` throws
 */
export function setTerms<Key, Value>(
  settings: MemoryCacheSettings<Key, Value>,
  key: Key,
  value: Value,
  options: MemorySetOptions = NO_OPTIONS,
): SetTerms {
  if (options !== NO_OPTIONS) checkKnown('set', options, KNOWN);
  const { ttl, slidingTtl, weight } = options;
  return {
    ttl: ttl === undefined ? settings.ttl : lifetime('ttl', ttl),
    slidingTtl: slidingTtl === undefined ? settings.slidingTtl : lifetime('slidingTtl', slidingTtl),
    weight: weightOf(settings, key, value, weight),
  };
}

function weightOf<Key, Value>(
  { maxBytes, weigh }: MemoryCacheSettings<Key, Value>,
  key: Key,
  value: Value,
  given: number | undefined,
): number {
  if (given !== undefined) {
    const weight = checkInteger('weight', given, { min: 0 });
    return maxBytes === Infinity ? 0 : weight;
  }
  if (maxBytes === Infinity) return 0;
  return checkInteger('the result of weigh', weigh(value, key), { min: 0 });
}
