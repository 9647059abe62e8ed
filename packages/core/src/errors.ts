const BRAND = Symbol.for('@perf/error');

/** What every `@perf` error may carry beside its message. */
export interface PerfErrorOptions {
  /** The failure underneath, kept as `error.cause`. */
  readonly cause?: unknown;
  /**
   * `false` makes an error without a stack trace, several times as fast: for refusals that come by the
   * thousand and whose code tells all. Its `stack` is its name and message. @default true
   */
  readonly stack?: boolean | undefined;
}

/** A stable, machine-readable name of a failure; it never changes within a major version. */
export type PerfErrorCode = `PERF_${string}`;

/**
 * Base of all errors thrown by `@perf` packages. `instanceof` also holds for errors of another
 * installed copy of a package, by the code that a class names as its own, found under a registered symbol.
 * A class without one is told from others like any class of JavaScript.
 * @example
 * class QueueFullError extends PerfError {
 *   static readonly code = 'PERF_QUEUE_FULL';
 *   constructor(options?: PerfErrorOptions) {
 *     super(QueueFullError.code, 'the queue is full', options);
 *   }
 * }
 */
export class PerfError extends Error {
  /** What makes a class the same in every copy. Each subclass that wants it names its own. */
  static readonly code: PerfErrorCode = 'PERF_ERROR';
  /** See {@link PerfErrorCode}. */
  readonly code: PerfErrorCode;

  constructor(code: PerfErrorCode, message: string, options?: PerfErrorOptions) {
    const limit = Error.stackTraceLimit;
    const bare = options?.stack === false && suppressStacks();
    try {
      super(message, options);
    } finally {
      if (bare) Error.stackTraceLimit = limit;
    }
    this.code = code;
  }

  /** That of the class, unless it is set. */
  override get name(): string {
    return this.constructor.name;
  }

  override set name(value: string) {
    Object.defineProperty(this, 'name', { value, writable: true, configurable: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(this, 'code')) return false;
    const codes = (value as { readonly [BRAND]?: unknown })[BRAND];
    return Array.isArray(codes) && codes.includes(this.code);
  }
}

// Read through the prototype: errors are made often, and asked for this only by another copy.
Object.defineProperty(PerfError.prototype, BRAND, {
  get(this: PerfError) {
    return codesOf(this.constructor as typeof PerfError);
  },
});

/** `false` where the limit may not be set, as under `--frozen-intrinsics`: stacks are then made. */
function suppressStacks(): boolean {
  try {
    Error.stackTraceLimit = 0;
    return true;
  } catch {
    return false;
  }
}

/** The codes that an error's class and its ancestors up to {@link PerfError} name as their own. */
function codesOf(errorClass: typeof PerfError): readonly string[] {
  const codes: string[] = [];
  for (
    let current = errorClass;
    current !== PerfError;
    current = Object.getPrototypeOf(current) as typeof PerfError
  ) {
    if (Object.hasOwn(current, 'code')) codes.push(current.code);
  }
  return [...codes, PerfError.code];
}

/** An option that was refused at construction. */
export class ConfigError extends PerfError {
  static override readonly code = 'PERF_CONFIG';
  /** The option's path, such as `memory.maxEntries`. */
  readonly option: string;
  /** What was given. */
  readonly value: unknown;

  constructor(option: string, value: unknown, expected: string, options?: PerfErrorOptions) {
    super(ConfigError.code, `${option} must be ${expected}, got ${show(value)}`, options);
    this.option = option;
    this.value = value;
  }
}

/** The object was used after its `close()`. */
export class ClosedError extends PerfError {
  static override readonly code = 'PERF_CLOSED';
  /** What was closed. */
  readonly resource: string;

  constructor(resource: string, options?: PerfErrorOptions) {
    super(ClosedError.code, `${resource} is closed; create a new one`, options);
    this.resource = resource;
  }
}

/** Something did not finish within its time. */
export class TimeoutError extends PerfError {
  static override readonly code = 'PERF_TIMEOUT';
  /** The limit that passed, in milliseconds. */
  readonly timeout: number;

  constructor(what: string, timeout: number, options?: PerfErrorOptions) {
    super(TimeoutError.code, `${what} took longer than ${timeout} ms`, options);
    this.timeout = timeout;
  }
}

/** A driver that is an optional peer dependency is not installed, or could not be built. */
export class MissingDriverError extends PerfError {
  static override readonly code = 'PERF_MISSING_DRIVER';
  /** The npm package that is missing. */
  readonly driver: string;

  constructor(driver: string, neededBy: string, options?: PerfErrorOptions) {
    super(
      MissingDriverError.code,
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
