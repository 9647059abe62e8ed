import { checkFunction } from '@perf/core';
import {
  policySettings,
  type PolicyOptions,
  type PolicySettings,
} from '../execution/base-policy.ts';
import type { ExecutionContext } from '../execution/resilience-policy.ts';

/** What there is instead. Told the error and the call's context. */
export type FallbackFunction<F> = (error: unknown, context: ExecutionContext) => F | PromiseLike<F>;

/** Options of {@link fallback}. */
export interface FallbackOptions<F> extends PolicyOptions {
  /** Makes what the call resolves with instead; what it throws, the call rejects with. A value is written as a function, too. */
  readonly to: FallbackFunction<F>;
  /** After which errors. Aborts by the caller are not asked about: they stand. @default all */
  readonly when?: ((error: unknown) => boolean) | undefined;
}

/** {@link FallbackOptions}, checked. */
export interface FallbackSettings<F> extends PolicySettings {
  readonly to: FallbackFunction<F>;
  readonly when: ((error: unknown) => boolean) | undefined;
}

const KIND = 'fallback';

/** @throws {@link ConfigError} naming the option that is refused */
export function fallbackSettings<F>(options: FallbackOptions<F>): FallbackSettings<F> {
  const settings = policySettings(KIND, options, ['to', 'when']);
  const { when } = options;
  if (when !== undefined) checkFunction(`${KIND}.when`, when);
  return { ...settings, to: checkFunction(`${KIND}.to`, options.to), when };
}
