import {
  checkFunction,
  checkInteger,
  checkKnown,
  checkNumber,
  ConfigError,
  toMilliseconds,
  type Duration,
} from '@perf/core';
import { breakerSettings, type CircuitBreakerOptions } from '../circuit-breaker/options.ts';
import {
  policySettings,
  type PolicyOptions,
  type PolicySettings,
} from '../execution/base-policy.ts';
import { errorKind } from './correlation/error-kind.ts';

/** Options of a service's breaker: its name is the service's, its clock the registry's. */
export type ServiceBreakerOptions = Omit<CircuitBreakerOptions, 'name' | 'clock'>;

/** How services are found that began to fail together. */
export interface CorrelationOptions {
  /** By how much services that fail of one cause begin to fail one after the other, on average. @default '2s' */
  readonly spread?: Duration;
  /** How probable an incident must be to be told, from 0.5 to 1. @default 0.8 */
  readonly minConfidence?: number;
}

/** Options of `createBreakerRegistry`. */
export interface BreakerRegistryOptions extends PolicyOptions {
  /** Options of every breaker. @default those of `circuitBreaker` */
  readonly defaults?: ServiceBreakerOptions;
  /** Options of the breakers of some services, over the defaults. */
  readonly services?: Readonly<Record<string, ServiceBreakerOptions>>;
  /**
   * How many breakers there may be. To make room for a new one, one that is closed and was not used of late is given up; when
   * there is none, the call is refused. @default 1000
   */
  readonly maxBreakers?: number;
  readonly correlation?: CorrelationOptions;
  /**
   * Names the kind of an error, so that services with the same trouble are seen together; one that throws makes it `unknown`, and
   * is reported by `process.emitWarning`.
   * @default by its `code`, `status` or `name`
   */
  readonly errorKind?: (error: unknown) => string;
}

/** {@link BreakerRegistryOptions}, checked and with their defaults. */
export interface BreakerRegistrySettings extends PolicySettings {
  readonly optionsOf: (service: string) => ServiceBreakerOptions;
  readonly maxBreakers: number;
  readonly correlation: { readonly spread: number; readonly minConfidence: number };
  readonly errorKind: (error: unknown) => string;
}

const KIND = 'breakerRegistry';

/** @throws `ConfigError` naming the first option that is refused */
export function breakerRegistrySettings(options: BreakerRegistryOptions): BreakerRegistrySettings {
  const known = ['defaults', 'services', 'maxBreakers', 'correlation', 'errorKind'];
  const settings = policySettings(KIND, options, known);
  const { defaults = {}, services = {}, correlation = {} } = options;
  if (typeof services !== 'object' || services === null) {
    throw new ConfigError(`${KIND}.services`, services, 'an object of options by service');
  }
  const byService = new Map(Object.entries(services));
  const optionsOf = (service: string): ServiceBreakerOptions => ({
    ...defaults,
    ...byService.get(service),
  });
  // A wrong option is refused now, not at the first call.
  breakerSettings(defaults);
  for (const service of byService.keys()) breakerSettings(optionsOf(service));
  checkKnown(`${KIND}.correlation`, correlation, ['spread', 'minConfidence']);
  return {
    ...settings,
    optionsOf,
    maxBreakers: checkInteger(`${KIND}.maxBreakers`, options.maxBreakers ?? 1000),
    correlation: {
      spread: toMilliseconds(`${KIND}.correlation.spread`, correlation.spread ?? 2000),
      minConfidence: checkNumber(
        `${KIND}.correlation.minConfidence`,
        correlation.minConfidence ?? 0.8,
        0.5,
        1,
      ),
    },
    errorKind: checkFunction(`${KIND}.errorKind`, options.errorKind ?? errorKind),
  };
}
