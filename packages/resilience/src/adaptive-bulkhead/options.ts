import {
  checkFunction,
  checkInteger,
  ConfigError,
  toMilliseconds,
  type Duration,
} from '@perf/core';
import {
  policySettings,
  type PolicyOptions,
  type PolicySettings,
} from '../execution/base-policy.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';
import { isOverload, type OverloadClassifier } from './overload.ts';
import { vegas } from './vegas.ts';

/** Options of `adaptiveBulkhead`. */
export interface AdaptiveBulkheadOptions extends PolicyOptions {
  /** What finds the limit; an instance of its own for each bulkhead. @default vegas() */
  readonly algorithm?: ConcurrencyLimit;
  /** How many calls may wait for their turn, the higher priority first; a further one is refused. @default 0 */
  readonly maxQueue?: number;
  /** How long a call may wait. @default '1s' */
  readonly queueTimeout?: Duration;
  /** How long calls are gathered into one sample for the algorithm. @default '100ms' */
  readonly sampleTime?: Duration;
  /**
   * Which outcomes tell of an overload of what is called.
   * @default timeouts, and an error or result whose `status` or `statusCode` is 429 or 503
   */
  readonly isOverload?: OverloadClassifier;
}

/** {@link AdaptiveBulkheadOptions}, checked and with their defaults. */
export interface AdaptiveBulkheadSettings extends PolicySettings {
  readonly algorithm: ConcurrencyLimit;
  readonly maxQueue: number;
  readonly queueTimeout: number;
  readonly sampleTime: number;
  readonly isOverload: OverloadClassifier;
}

const KIND = 'adaptiveBulkhead';

/** @throws `ConfigError` naming the first option that is refused */
export function adaptiveBulkheadSettings(
  options: AdaptiveBulkheadOptions,
): AdaptiveBulkheadSettings {
  const known = ['algorithm', 'maxQueue', 'queueTimeout', 'sampleTime', 'isOverload'];
  return {
    ...policySettings(KIND, options, known),
    algorithm: checkAlgorithm(options.algorithm ?? vegas()),
    maxQueue: checkInteger(`${KIND}.maxQueue`, options.maxQueue ?? 0, { min: 0 }),
    queueTimeout: toMilliseconds(`${KIND}.queueTimeout`, options.queueTimeout ?? 1000, {
      infinite: true,
    }),
    sampleTime: toMilliseconds(`${KIND}.sampleTime`, options.sampleTime ?? 100),
    isOverload: checkFunction(`${KIND}.isOverload`, options.isOverload ?? isOverload),
  };
}

function checkAlgorithm(algorithm: ConcurrencyLimit): ConcurrencyLimit {
  const { limit } = algorithm;
  if (!Number.isSafeInteger(limit) || limit < 1 || typeof algorithm.update !== 'function') {
    const expected = 'such as vegas() or aimd(): an object with a whole `limit` and `update()`';
    throw new ConfigError(`${KIND}.algorithm`, algorithm, expected);
  }
  return algorithm;
}
