const BRAND = Symbol.for('@perf/error');

/** What every `@perf` error may carry beside its message. */
export interface PerfErrorOptions {
  /** The failure underneath, kept as `error.cause`. */
  readonly cause?: unknown;
}

/** A stable, machine-readable name of a failure; it never changes within a major version. */
export type PerfErrorCode = `PERF_${string}`;

/**
 * Base of all errors thrown by `@perf` packages. `instanceof` also holds for errors of another
 * installed copy of the package: they are recognised by the names of their classes, kept under a
 * registered symbol. A bundler that shortens the names of classes must be told to keep them.
 */
export class PerfError extends Error {
  /** See {@link PerfErrorCode}. */
  readonly code: PerfErrorCode;

  constructor(code: PerfErrorCode, message: string, options?: PerfErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    Object.defineProperty(this, BRAND, { value: namesOf(new.target) });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const names = (value as { readonly [BRAND]?: unknown })[BRAND];
    return Array.isArray(names) && names.includes(this.name);
  }
}

/** The names of an error's class and of its ancestors up to {@link PerfError}. */
function namesOf(errorClass: { readonly name: string }): readonly string[] {
  const names: string[] = [];
  for (
    let current: { readonly name: string } | null = errorClass;
    current !== null && current !== Error;
    current = Object.getPrototypeOf(current) as { readonly name: string } | null
  ) {
    names.push(current.name);
  }
  return names;
}

/** An option that was refused at construction. */
export class ConfigError extends PerfError {
  /** The option's path, such as `memory.maxEntries`. */
  readonly option: string;
  /** What was given. */
  readonly value: unknown;

  constructor(option: string, value: unknown, expected: string, options?: PerfErrorOptions) {
    super('PERF_CONFIG', `${option} must be ${expected}, got ${show(value)}`, options);
    this.option = option;
    this.value = value;
  }
}

/** The object was used after its `close()`. */
export class ClosedError extends PerfError {
  /** What was closed. */
  readonly resource: string;

  constructor(resource: string, options?: PerfErrorOptions) {
    super('PERF_CLOSED', `${resource} is closed; create a new one`, options);
    this.resource = resource;
  }
}

/** Something did not finish within its time. */
export class TimeoutError extends PerfError {
  /** The limit that passed, in milliseconds. */
  readonly timeout: number;

  constructor(what: string, timeout: number, options?: PerfErrorOptions) {
    super('PERF_TIMEOUT', `${what} took longer than ${timeout} ms`, options);
    this.timeout = timeout;
  }
}

/** A driver that is an optional peer dependency is not installed, or could not be built. */
export class MissingDriverError extends PerfError {
  /** The npm package that is missing. */
  readonly driver: string;

  constructor(driver: string, neededBy: string, options?: PerfErrorOptions) {
    super(
      'PERF_MISSING_DRIVER',
      `${neededBy} needs the package "${driver}", which cannot be loaded. Run: npm install ${driver}`,
      options,
    );
    this.driver = driver;
  }
}

/** A short, single-line rendering of any value for a message; long strings are cut. */
function show(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `a function`;
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
