import { checkFunction, checkKnown, checkString, ConfigError } from '@perf/core';
import type { Profiler } from '../profiler/profiler.ts';

/** Options of {@link profiled}. */
export interface ProfiledOptions {
  /** @default the name of the class of the object that the method is called on */
  readonly component?: string | undefined;
  /** @default the method's name */
  readonly operation?: string | undefined;
}

/** What is called on the profiler. */
export type Runs = Pick<Profiler, 'run'>;

/** A standard decorator of methods; what the method returns is kept. */
export type ProfiledDecorator = <This, Arguments extends readonly unknown[], T>(
  method: (this: This, ...args: Arguments) => T,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: Arguments) => T>,
) => (this: This, ...args: Arguments) => T;

/**
 * Counts the calls of a method as `profiler.run` does.
 * @param profiler or a function that returns it, where it is made later than the class
 * @throws `ConfigError` naming what is refused
 * @example `@profiled(profiler, { component: 'orders' })` above a method
 */
export function profiled(
  profiler: Runs | (() => Runs),
  options: ProfiledOptions = {},
): ProfiledDecorator {
  const runs = runsOf(profiler);
  checkKnown('profiled', options, ['component', 'operation']);
  const { component, operation } = options;
  if (component !== undefined) checkString('profiled.component', component);
  if (operation !== undefined) checkString('profiled.operation', operation);
  return <This, Arguments extends readonly unknown[], T>(
    method: (this: This, ...args: Arguments) => T,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: Arguments) => T>,
  ) => {
    checkContext(context);
    const name = operation ?? nameOf(context.name);
    function measured(this: This, ...args: Arguments): T {
      const owner = component ?? classOf(this);
      return runs().run(owner, name, () => Reflect.apply(method, this, args));
    }
    return Object.defineProperty(measured, 'name', { value: method.name, configurable: true });
  };
}

function runsOf(profiler: Runs | (() => Runs)): () => Runs {
  if (typeof profiler === 'function') return profiler;
  checkFunction(
    'profiled: run of the profiler',
    (profiler as Partial<Runs> | undefined)?.run as Runs['run'],
  );
  return () => profiler;
}

/** A compiler with its older, experimental decorators hands over something else. */
function checkContext(context: unknown): void {
  const kind = (context as { readonly kind?: unknown } | undefined)?.kind;
  if (kind === 'method') return;
  throw new ConfigError(
    '@profiled',
    kind,
    'on a method, as a standard decorator (without experimentalDecorators)',
  );
}

function nameOf(name: string | symbol): string {
  return typeof name === 'symbol' ? (name.description ?? 'method') : name;
}

/** Of a static method `this` is the class itself. */
function classOf(self: unknown): string {
  if (typeof self === 'function') return self.name;
  return (
    (self as { readonly constructor?: { readonly name?: string } } | null)?.constructor?.name ??
    'unknown'
  );
}
