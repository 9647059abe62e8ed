import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKnown,
  checkNumber,
  checkString,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
  type Policy,
} from '@perf/core';

/** Options that every pool has: what {@link poolConfig} builds and the presets are made of. */
export interface PoolOptions {
  /** For errors, events and statistics. @default the kind of the pool */
  readonly name?: string | undefined;
  /** How many are kept ready: created at the start, and again when one is lost. @default 0 */
  readonly min?: number | undefined;
  /** How many there may be. @default 10 */
  readonly max?: number | undefined;
  /** How many may lie unused; what comes back beyond that is destroyed, so `max - maxIdle` is an overflow. @default max */
  readonly maxIdle?: number | undefined;
  /** How many callers may wait; 0 refuses at once what cannot be served. @default 1000 */
  readonly maxQueue?: number | undefined;
  /** How long a caller waits at the most. @default '30s' */
  readonly acquireTimeout?: Duration | undefined;
  /** How long a creation may take. @default '10s' */
  readonly connectTimeout?: Duration | undefined;
  /** How long one may lie unused before it is destroyed, down to `min`. @default '5m' */
  readonly idleTimeout?: Duration | undefined;
  /** How old one may become; it is destroyed when it next lies unused. @default '1h' */
  readonly maxLifetime?: Duration | undefined;
  /** Which part of `maxLifetime` is taken off by chance, so that not all end together. @default 0.1 */
  readonly lifetimeJitter?: number | undefined;
  /** One that lay unused for so long is checked before it is handed out. @default 500 */
  readonly validateAfterIdle?: Duration | undefined;
  /** How long a check, a reset or a destruction may take. @default '5s' */
  readonly hookTimeout?: Duration | undefined;
  /** How long to wait after a creation has failed; doubled with each further failure. @default 50 */
  readonly backoff?: Duration | undefined;
  /** The longest such wait. @default '5s' */
  readonly maxBackoff?: Duration | undefined;
  /** What is out for so long is reported as a leak; also turns `useMs` on. @default Infinity: off */
  readonly leakThreshold?: Duration | undefined;
  /** Whether a leak report has the stack of the acquire, which costs microseconds at each. @default true */
  readonly leakStacks?: boolean | undefined;
  /** Runs each creation, such as a circuit breaker that protects what is connected to. @default none */
  readonly policy?: Policy | undefined;
  /** @default `systemClock` */
  readonly clock?: Clock | undefined;
  /** From 0 to below 1; for jitter. @default `Math.random` */
  readonly random?: (() => number) | undefined;
}

/** {@link PoolOptions}, checked. Times are milliseconds. */
export interface PoolSettings {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly maxIdle: number;
  readonly maxQueue: number;
  readonly acquireTimeout: number;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly maxLifetime: number;
  readonly lifetimeJitter: number;
  readonly validateAfterIdle: number;
  readonly hookTimeout: number;
  readonly backoff: number;
  readonly maxBackoff: number;
  readonly leakThreshold: number;
  readonly leakStacks: boolean;
  readonly policy: Policy | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

const KNOWN: readonly (keyof PoolSettings)[] = [
  'name',
  'min',
  'max',
  'maxIdle',
  'maxQueue',
  'acquireTimeout',
  'connectTimeout',
  'idleTimeout',
  'maxLifetime',
  'lifetimeJitter',
  'validateAfterIdle',
  'hookTimeout',
  'backoff',
  'maxBackoff',
  'leakThreshold',
  'leakStacks',
  'policy',
  'clock',
  'random',
];

/**
 * The one schema of pools, whether their options come from a builder, a preset or as a plain object.
 * @param kind names the pool in errors, and is its default name
 * @param more options that only this kind has
 * @throws {@link ConfigError} naming the option that is refused
 */
export function poolSettings(
  kind: string,
  options: PoolOptions,
  more: readonly string[] = [],
): PoolSettings {
  checkKnown(kind, options, [...KNOWN, ...more]);
  const time = (
    option: keyof PoolOptions,
    value: Duration,
    limits: { readonly infinite?: boolean; readonly min?: number } = {},
  ): number => toMilliseconds(`${kind}.${option}`, value, limits);
  const { name = kind, clock = systemClock, random = Math.random, policy } = options;
  const max = checkInteger(`${kind}.max`, options.max ?? 10);
  const min = checkInteger(`${kind}.min`, options.min ?? 0, { min: 0, max });
  const backoff = time('backoff', options.backoff ?? 50);
  if (policy !== undefined && typeof policy.execute !== 'function') {
    throw new ConfigError(`${kind}.policy`, policy, 'something with a method execute');
  }
  if (typeof clock.now !== 'function' || typeof clock.setTimer !== 'function') {
    throw new ConfigError(`${kind}.clock`, clock, 'a Clock');
  }
  return {
    name: checkString(`${kind}.name`, name),
    min,
    max,
    maxIdle: checkInteger(`${kind}.maxIdle`, options.maxIdle ?? max, { min, max }),
    maxQueue: checkInteger(`${kind}.maxQueue`, options.maxQueue ?? 1000, { min: 0 }),
    acquireTimeout: time('acquireTimeout', options.acquireTimeout ?? '30s', { infinite: true }),
    connectTimeout: time('connectTimeout', options.connectTimeout ?? '10s'),
    idleTimeout: time('idleTimeout', options.idleTimeout ?? '5m', { infinite: true }),
    maxLifetime: time('maxLifetime', options.maxLifetime ?? '1h', { infinite: true }),
    lifetimeJitter: checkNumber(`${kind}.lifetimeJitter`, options.lifetimeJitter ?? 0.1, 0, 1),
    validateAfterIdle: time('validateAfterIdle', options.validateAfterIdle ?? 500, {
      min: 0,
      infinite: true,
    }),
    hookTimeout: time('hookTimeout', options.hookTimeout ?? '5s'),
    backoff,
    maxBackoff: time('maxBackoff', options.maxBackoff ?? Math.max(backoff, 5000), { min: backoff }),
    leakThreshold: time('leakThreshold', options.leakThreshold ?? Infinity, { infinite: true }),
    leakStacks: checkBoolean(`${kind}.leakStacks`, options.leakStacks ?? true),
    policy,
    clock,
    random: checkFunction(`${kind}.random`, random),
  };
}
