import { checkFunction, checkKnown, checkOneOf, ConfigError, type Policy } from '@perf/core';
import { applyPolicyOf, type CallMapping } from './apply-policy.ts';

/** What a decorator takes beside the policy's options. */
export interface MethodOptions<
  Arguments extends readonly unknown[],
> extends CallMapping<Arguments> {
  /** Who shares the policy: all instances of the class, or nobody. @default 'class' */
  readonly scope?: 'class' | 'instance' | undefined;
}

/** A standard decorator of methods that return a promise. */
export type MethodDecorator = <This, Arguments extends readonly unknown[], T>(
  method: (this: This, ...args: Arguments) => Promise<T>,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: Arguments) => Promise<T>>,
) => (this: This, ...args: Arguments) => Promise<T>;

/** As {@link MethodDecorator}, of methods with these arguments. */
export type MethodDecoratorOf<Arguments extends readonly unknown[]> = <This, T>(
  method: (this: This, ...args: Arguments) => Promise<T>,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: Arguments) => Promise<T>>,
) => (this: This, ...args: Arguments) => Promise<T>;

/** A decorator that is made from a policy, or from the options of one. */
export interface PolicyDecorator<Options> {
  (policy?: Options | Policy): MethodDecorator;
  <Arguments extends readonly unknown[]>(
    policy: Options | Policy,
    method: MethodOptions<Arguments>,
  ): MethodDecoratorOf<Arguments>;
}

/**
 * @param what the decorator's name, for errors
 * @param make makes the policy; its `name` is the method's unless there is another
 */
export function policyDecorator<Options extends object>(
  what: string,
  make: (options: Options) => Policy,
): PolicyDecorator<Options> {
  const decorator = <Arguments extends readonly unknown[]>(
    policy?: Options | Policy,
    options: MethodOptions<Arguments> = {},
  ): MethodDecoratorOf<Arguments> => {
    const scope = checkMethodOptions(what, policy, options);
    return (method, context) => {
      checkContext(what, context);
      const created = (): Policy =>
        isPolicy(policy) ? policy : make(named(policy ?? {}, context.name) as Options);
      const applied = applyPolicyOf(policySource(scope, created), method, options);
      return Object.defineProperty(applied, 'name', { value: method.name, configurable: true });
    };
  };
  return decorator;
}

function policySource(
  scope: 'class' | 'instance',
  create: () => Policy,
): (self: unknown) => Policy {
  if (scope === 'class') {
    const policy = create();
    return () => policy;
  }
  const policies = new WeakMap<object, Policy>();
  return (self) => {
    let policy = policies.get(self as object);
    if (policy === undefined) {
      policy = create();
      policies.set(self as object, policy);
    }
    return policy;
  };
}

/** @throws `ConfigError` naming what is refused */
function checkMethodOptions<Arguments extends readonly unknown[]>(
  what: string,
  policy: unknown,
  options: MethodOptions<Arguments>,
): 'class' | 'instance' {
  checkKnown(what, options, ['scope', 'call', 'pass']);
  if (options.call !== undefined) checkFunction(`${what}.call`, options.call);
  if (options.pass !== undefined) checkFunction(`${what}.pass`, options.pass);
  const scope = checkOneOf(`${what}.scope`, options.scope ?? 'class', ['class', 'instance']);
  if (scope === 'instance' && isPolicy(policy)) {
    const expected = `'class' with a policy, which all instances share; give options to have one for each`;
    throw new ConfigError(`${what}.scope`, scope, expected);
  }
  return scope;
}

/** A compiler with its older, experimental decorators hands over something else. */
function checkContext(what: string, context: unknown): void {
  const kind = (context as { readonly kind?: unknown } | undefined)?.kind;
  if (kind === 'method') return;
  throw new ConfigError(
    `@${what}`,
    kind,
    'on a method, as a standard decorator (without experimentalDecorators)',
  );
}

function isPolicy(policy: unknown): policy is Policy {
  return typeof (policy as Policy | undefined)?.execute === 'function';
}

function named(options: object, method: string | symbol): object {
  return {
    name: typeof method === 'symbol' ? (method.description ?? 'method') : method,
    ...options,
  };
}
