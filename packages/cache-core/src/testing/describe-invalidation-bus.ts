import { checkFunction, checkKnown } from '@perf/core';
import { runBusCheck, type CreateBusSubject } from './bus-suite/bus-check.ts';
import { invalidationBusChecks, type BusTraits } from './invalidation-bus-checks.ts';
import { registerChecks, type TestRunner } from '@perf/core/testing';

/** Options of {@link describeInvalidationBus}. */
export interface DescribeInvalidationBusOptions extends BusTraits, Partial<TestRunner> {}

const KNOWN: readonly (keyof DescribeInvalidationBusOptions)[] = [
  'cut',
  'unreachable',
  'describe',
  'it',
];

/**
 * Registers the tests that every implementation of `InvalidationBus` has to pass. Works with every runner
 * that has `describe` and `it`: vitest, node:test, Jest, Mocha.
 * @param name titles the tests
 * @param create makes a bus for each test, on a channel that nobody else uses
 * @param options what the subjects offer, and the runner's functions. @default the global `describe`
 * and `it`
 * @throws ConfigError when there is no `describe` or `it`, and naming the option that is not right
 */
export function describeInvalidationBus(
  name: string,
  create: CreateBusSubject,
  options: DescribeInvalidationBusOptions = {},
): void {
  checkKnown('describeInvalidationBus', options, KNOWN);
  checkFunction('create', create);
  const checks = invalidationBusChecks(options);
  registerChecks(name, checks, (check) => runBusCheck(check, create), options);
}
