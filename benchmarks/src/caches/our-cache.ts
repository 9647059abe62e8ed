import { ConfigError } from '@perf/core';
import { createMemoryCache, type MemoryCache, type MemoryCacheOptions } from '@perf/cache-core';
import type { OurPolicy } from './our-policies.ts';

/** Options of {@link createMemoryCache}; `policy` and `seed` may be ones that the build does not know. */
export interface OurOptions<Key, Value> extends Omit<MemoryCacheOptions<Key, Value>, 'policy'> {
  readonly policy: OurPolicy;
  readonly seed?: number;
}

/** @throws `ConfigError` if the build that is measured does not know an option */
export function createOurCache<Key, Value>(
  options: OurOptions<Key, Value>,
): MemoryCache<Key, Value> {
  return createMemoryCache(options as MemoryCacheOptions<Key, Value>);
}

/** Why the build that is measured has no such policy, or `undefined` if it has. */
export function whyAbsent(policy: OurPolicy): string | undefined {
  try {
    createOurCache({ policy, maxEntries: 1 }).close();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return `no policy '${policy}' yet`;
    throw error;
  }
}
