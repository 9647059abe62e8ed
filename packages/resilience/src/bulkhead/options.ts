import { checkInteger, toMilliseconds, type Duration } from '@perf/core';
import {
  policySettings,
  type PolicyOptions,
  type PolicySettings,
} from '../execution/base-policy.ts';

/** Options of {@link bulkhead}. */
export interface BulkheadOptions extends PolicyOptions {
  /** How many calls may run at once. */
  readonly limit: number;
  /** How many may wait for their turn; 0 refuses at once what cannot run. @default 1000 */
  readonly maxQueue?: number | undefined;
  /** How long a call may wait. @default Infinity: until its own deadline or abort */
  readonly queueTimeout?: Duration | undefined;
}

/** {@link BulkheadOptions}, checked. */
export interface BulkheadSettings extends PolicySettings {
  readonly limit: number;
  readonly maxQueue: number;
  readonly queueTimeout: number;
}

const KIND = 'bulkhead';

/** @throws {@link ConfigError} naming the option that is refused */
export function bulkheadSettings(options: BulkheadOptions): BulkheadSettings {
  return {
    ...policySettings(KIND, options, ['limit', 'maxQueue', 'queueTimeout']),
    limit: checkInteger(`${KIND}.limit`, options.limit),
    maxQueue: checkInteger(`${KIND}.maxQueue`, options.maxQueue ?? 1000, { min: 0 }),
    queueTimeout: toMilliseconds(`${KIND}.queueTimeout`, options.queueTimeout ?? Infinity, {
      infinite: true,
    }),
  };
}
