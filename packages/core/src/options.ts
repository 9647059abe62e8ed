import { ConfigError } from './errors.ts';
import { nearestName } from './nearest-name.ts';

/** Bounds of {@link checkInteger}. */
export interface IntegerLimits {
  /** @default 1 */
  readonly min?: number;
  /** @default Number.MAX_SAFE_INTEGER */
  readonly max?: number;
  /** Whether `Infinity` is taken. @default false */
  readonly infinite?: boolean;
}

/**
 * The value, if it is a whole number within the limits.
 * @throws {@link ConfigError} naming the option otherwise
 */
export function checkInteger(option: string, value: number, limits: IntegerLimits = {}): number {
  const { min = 1, max = Number.MAX_SAFE_INTEGER, infinite = false } = limits;
  if (value === Infinity && infinite) return value;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new ConfigError(
      option,
      value,
      `a whole number ${range}${infinite ? ', or Infinity' : ''}`,
    );
  }
  return value;
}

/**
 * The value, if it is a finite number from `min` to `max`.
 * @throws {@link ConfigError} naming the option otherwise
 */
export function checkNumber(option: string, value: number, min: number, max: number): number {
  if (!Number.isFinite(value) || value < min || value > max) {
    throw new ConfigError(option, value, `a number from ${min} to ${max}`);
  }
  return value;
}

/**
 * The value, if it is one of the allowed ones.
 * @throws {@link ConfigError} listing what is allowed otherwise
 */
export function checkOneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) {
    throw new ConfigError(option, value, `one of ${allowed.map((one) => `'${one}'`).join(', ')}`);
  }
  return value;
}

/**
 * The value, if it is a boolean.
 * @throws {@link ConfigError} naming the option otherwise
 */
export function checkBoolean(option: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw new ConfigError(option, value, 'true or false');
  return value;
}

/**
 * The value, if it is a function.
 * @throws {@link ConfigError} naming the option otherwise
 */
export function checkFunction<F extends (...args: never[]) => unknown>(
  option: string,
  value: F,
): F {
  if (typeof value !== 'function') throw new ConfigError(option, value, 'a function');
  return value;
}

/**
 * The value, if it is a string that is not empty.
 * @throws {@link ConfigError} naming the option otherwise
 */
export function checkString(option: string, value: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new ConfigError(option, value, 'a string that is not empty');
  }
  return value;
}

/**
 * Refuses what is no object of options, options that do not exist, so that a misspelt one is not
 * ignored, and `null`, which is no default: `undefined` is.
 * @throws {@link ConfigError} naming the first such option
 */
export function checkKnown(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigError(what, options, 'an object of options');
  }
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) {
      const meant = nearestName(name, known);
      const hint = meant === undefined ? `it has ${known.join(', ')}` : `did you mean ${meant}?`;
      throw new ConfigError(
        `${what}.${name}`,
        value,
        `absent: ${what} has no such option (${hint})`,
      );
    }
    if (value === null) {
      throw new ConfigError(`${what}.${name}`, value, 'a value, or undefined for its default');
    }
  }
}
