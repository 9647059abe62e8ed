import { checkOneOf, toMilliseconds, type Duration } from '@perf/core';
import {
  policySettings,
  type PolicyOptions,
  type PolicySettings,
} from '../execution/base-policy.ts';

/** Options of `timeout`. */
export interface TimeoutOptions extends PolicyOptions {
  /** How long a call may take. */
  readonly after: Duration;
  /**
   * What happens then. In both, the function's `signal` aborts. `'race'`: the caller is rejected at once; a function that does
   * not heed its signal runs on, and what becomes of it is ignored. `'cooperative'`: the caller waits for the function, so that a
   * limit around this policy counts what really runs; a function that never ends is waited for for ever. @default 'race'
   */
  readonly mode?: 'race' | 'cooperative';
}

/** {@link TimeoutOptions}, checked and with their defaults. */
export interface TimeoutSettings extends PolicySettings {
  readonly after: number;
  readonly mode: 'race' | 'cooperative';
}

/** @throws `ConfigError` naming the first option that is refused */
export function timeoutSettings(options: TimeoutOptions): TimeoutSettings {
  return {
    ...policySettings('timeout', options, ['after', 'mode']),
    after: toMilliseconds('timeout.after', options.after),
    mode: checkOneOf('timeout.mode', options.mode ?? 'race', ['race', 'cooperative']),
  };
}
