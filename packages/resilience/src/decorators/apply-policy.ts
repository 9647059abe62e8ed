import type { Policy, PolicyCall, PolicyContext } from '@perf/core';
import type { ExecuteOptions } from '../execution/resilience-policy.ts';

/** How the arguments of a function and a policy's call belong together. */
export interface CallMapping<Arguments extends readonly unknown[]> {
  /** The options of `execute`, such as the caller's signal, from the arguments. @default none */
  readonly call?: ((...args: Arguments) => ExecuteOptions | PolicyCall | undefined) | undefined;
  /**
   * The arguments that the function is called with; the place to hand it the context's signal, which also aborts when
   * the policy gives up. @default those of the caller
   */
  readonly pass?:
    | ((context: PolicyContext, ...args: Arguments) => readonly [...Arguments])
    | undefined;
}

/**
 * The function, each call of which runs under the policy; arguments, `this`, name and types are kept. What the `wrap` of a policy does,
 * for any policy, and with a {@link CallMapping}.
 * @example
 * const load = applyPolicy(timeout({ after: '2s' }), (url: string, init?: RequestInit) => fetch(url, init), {
 *   pass: ({ signal }, url, init) => [url, { ...init, signal }],
 * });
 */
export function applyPolicy<Fn extends (this: never, ...args: never) => unknown>(
  policy: Policy,
  fn: Fn,
  mapping: CallMapping<Parameters<Fn>> = {},
): (this: ThisParameterType<Fn>, ...args: Parameters<Fn>) => Promise<Awaited<ReturnType<Fn>>> {
  const applied = applyPolicyOf(
    () => policy,
    fn as unknown as (
      this: ThisParameterType<Fn>,
      ...args: Parameters<Fn>
    ) => Awaited<ReturnType<Fn>>,
    mapping,
  );
  return Object.defineProperty(applied, 'name', { value: fn.name, configurable: true });
}

/** As {@link applyPolicy}, with the policy of the object that the function is called on. */
export function applyPolicyOf<This, Arguments extends readonly unknown[], T>(
  policyOf: (self: This) => Policy,
  fn: (this: This, ...args: Arguments) => T | PromiseLike<T>,
  { call, pass }: CallMapping<Arguments>,
): (this: This, ...args: Arguments) => Promise<T> {
  return function applied(this: This, ...args: Arguments): Promise<T> {
    const run = (context: PolicyContext): T | PromiseLike<T> =>
      Reflect.apply(fn, this, pass === undefined ? args : pass(context, ...args));
    try {
      return policyOf(this).execute(run, call?.(...args));
    } catch (error) {
      return Promise.reject(error);
    }
  };
}
