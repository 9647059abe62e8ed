import { checkFunction, checkKnown } from '@perf/core';
import { cacheStoreChecks } from './cache-store-checks.ts';
import { registerChecks, type TestRunner } from '@perf/core/testing';
import { runStoreCheck, type CreateStoreSubject, type StoreTraits } from './suite/store-check.ts';

/** Options of {@link describeCacheStore}. */
export interface DescribeCacheStoreOptions extends StoreTraits, Partial<TestRunner> {}

const KNOWN: readonly (keyof DescribeCacheStoreOptions)[] = [
  'capabilities',
  'expiryResolution',
  'realTime',
  'drops',
  'dropsKept',
  'seed',
  'runs',
  'describe',
  'it',
];

/**
 * Registers the tests that every implementation of `CacheStore` has to pass, one `describe` per
 * topic. What the capabilities do not claim is not registered, so nothing is ever skipped. Works with
 * every runner that has `describe` and `it`: vitest, node:test, Jest, Mocha.
 * @param name titles the tests
 * @param create makes an empty store for each test
 * @param options what the store claims, and the runner's functions. @default the global `describe`
 * and `it`
 * @throws ConfigError when there is no `describe` or `it`, and naming the option that is not right
 * @example
 * import { describe, it } from 'vitest';
 * import { createReferenceBackend, describeCacheStore, ManualClock, referenceStore } from '@perf/cache-core/testing';
 *
 * const capabilities = referenceStore().capabilities;
 * describeCacheStore('referenceStore', () => {
 *   const clock = new ManualClock();
 *   const backend = createReferenceBackend({ clock });
 *   return {
 *     store: referenceStore({ backend }),
 *     advance: (milliseconds) => clock.advance(milliseconds),
 *     second: () => referenceStore({ backend }),
 *     reopen: () => referenceStore({ backend }),
 *     cleanup: () => {},
 *   };
 * }, { describe, it, capabilities });
 */
export function describeCacheStore(
  name: string,
  create: CreateStoreSubject,
  options: DescribeCacheStoreOptions,
): void {
  checkKnown('describeCacheStore', options, KNOWN);
  checkFunction('create', create);
  const checks = cacheStoreChecks(options);
  registerChecks(name, checks, (check) => runStoreCheck(check, create, options), options);
}
