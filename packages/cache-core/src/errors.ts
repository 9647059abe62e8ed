import { MissingDriverError, PerfError, type PerfErrorOptions } from '@perf/core';

/** Why a key has no value: never stored, its time was over, or it was invalidated. */
export type MissReason = 'absent' | 'expired' | 'invalidated';

/** `getOrThrow` found nothing. */
export class CacheMissError extends PerfError {
  static override readonly code = 'PERF_CACHE_MISS';
  readonly key: string;
  readonly reason: MissReason;

  constructor(key: string, reason: MissReason, options?: PerfErrorOptions) {
    super(CacheMissError.code, `no value under ${printKey(key)} (${reason})`, options);
    this.key = key;
    this.reason = reason;
  }
}

/** A cache with the policy `ttl` is full of entries that have not expired. */
export class CacheFullError extends PerfError {
  static override readonly code = 'PERF_CACHE_FULL';
  /** The bound that was reached, in entries or bytes. */
  readonly limit: number;

  constructor(limit: number, unit: 'entries' | 'bytes', options?: PerfErrorOptions) {
    super(
      CacheFullError.code,
      `the cache is full (${limit} ${unit}) and its policy 'ttl' evicts nothing; raise the bound or choose another policy`,
      options,
    );
    this.limit = limit;
  }
}

/** A key that no store can keep: empty, not a string, or not well-formed Unicode. */
export class InvalidKeyError extends PerfError {
  static override readonly code = 'PERF_CACHE_KEY';
  readonly key: unknown;

  constructor(key: unknown, problem: string, options?: PerfErrorOptions) {
    super(InvalidKeyError.code, `a cache key must be ${problem}`, options);
    this.key = key;
  }
}

/** A value could not be encoded, or stored bytes could not be decoded. */
export class SerializationError extends PerfError {
  static override readonly code = 'PERF_CACHE_SERIALIZATION';
  readonly key: string;

  constructor(key: string, problem: string, options?: PerfErrorOptions) {
    super(SerializationError.code, `${printKey(key)}: ${problem}`, options);
    this.key = key;
  }
}

/** What a {@link StoreUnavailableError} may tell beside its cause. */
export interface StoreUnavailableErrorOptions extends PerfErrorOptions {
  /** See {@link StoreUnavailableError.failedKeys}. */
  readonly failedKeys?: readonly string[];
}

/**
 * A store did not answer, or answered with an error. Its message tells why, down to the first cause.
 * Never reaches the caller of a cache.
 */
export class StoreUnavailableError extends PerfError {
  static override readonly code = 'PERF_CACHE_STORE';
  readonly store: string;
  readonly #failedKeys: readonly string[] | undefined;

  constructor(store: string, operation: string, options?: StoreUnavailableErrorOptions) {
    super(
      StoreUnavailableError.code,
      `store "${store}" failed at ${operation}${reasonOf(options?.cause)}`,
      options,
    );
    this.store = store;
    this.#failedKeys = options?.failedKeys;
  }

  /**
   * Where the call went well for the others of its keys: those for which it did not. `undefined` where that
   * cannot be told. It is not part of what is printed.
   */
  get failedKeys(): readonly string[] | undefined {
    return this.#failedKeys;
  }
}

/** A store had no room for an entry, or takes none of its size. The older value under the key is gone. */
export class StoreRefusedError extends PerfError {
  static override readonly code = 'PERF_CACHE_REFUSED';
  readonly store: string;
  readonly key: string;

  constructor(store: string, key: string, options?: PerfErrorOptions) {
    super(
      StoreRefusedError.code,
      `store "${store}" refused ${printKey(key)}: the entry is too large, or there is no room`,
      options,
    );
    this.store = store;
    this.key = key;
  }
}

/**
 * A cache was closed while a store did not answer. What was to be written or invalidated there counts as
 * invalidated, be there an older value or none, and the store was not told: what it holds under these
 * keys, tags and patterns is served by whoever uses it next. Clear the store before it is used again, or
 * wait for the entries' TTL; a store that never was reached has nothing to clear.
 */
export class PendingLostError extends PerfError {
  static override readonly code = 'PERF_CACHE_PENDING_LOST';
  readonly store: string;
  /** How many keys, tags and patterns. */
  readonly pending: number;

  constructor(store: string, pending: number, options?: PerfErrorOptions) {
    super(
      PendingLostError.code,
      `${pending} ${pending === 1 ? 'invalidation' : 'invalidations'} could not be written to store "${store}" before the cache was closed: older values that it holds there may be served again; clear it, or wait for their ttl`,
      options,
    );
    this.store = store;
    this.pending = pending;
  }
}

/** A loader did not settle within the hard timeout. */
export class LoadTimeoutError extends PerfError {
  static override readonly code = 'PERF_CACHE_LOAD_TIMEOUT';
  readonly key: string;
  /** The hard timeout, in milliseconds. */
  readonly timeout: number;

  constructor(key: string, timeout: number, options?: PerfErrorOptions) {
    super(
      LoadTimeoutError.code,
      `loading ${printKey(key)} took longer than ${timeout} ms (loadTimeout.hard)`,
      options,
    );
    this.key = key;
    this.timeout = timeout;
  }
}

/** More loads wait for their turn than `loadQueue` allows: the loader was not called. */
export class LoadQueueFullError extends PerfError {
  static override readonly code = 'PERF_CACHE_LOAD_QUEUE';
  /** The bound that was reached. */
  readonly limit: number;

  constructor(limit: number, options?: PerfErrorOptions) {
    super(
      LoadQueueFullError.code,
      `${limit} loads wait already (loadQueue); what they load from is too slow for loadConcurrency`,
      options,
    );
    this.limit = limit;
  }
}

/**
 * A loader asked the cache for a key that it is loading, or whose load waits for this one, directly or
 * through others: it would have waited for itself.
 */
export class LoadCycleError extends PerfError {
  static override readonly code = 'PERF_CACHE_LOAD_CYCLE';
  readonly key: string;

  constructor(key: string, options?: PerfErrorOptions) {
    super(
      LoadCycleError.code,
      `a load that is waited for by the load of ${printKey(key)}, or is that load, asks for this key: it would wait for itself`,
      options,
    );
    this.key = key;
  }
}

const PRINTED_REASON = 500;

/** `: ` and the messages of a cause and its causes, on one line; nothing where there is none. */
function reasonOf(cause: unknown): string {
  const reasons: string[] = [];
  let current = cause;
  for (let depth = 0; current !== undefined && current !== null && depth < 8; depth++) {
    // Of several addresses that were tried, the first says as much as all.
    if (current instanceof AggregateError && current.message === '') {
      const [first] = current.errors as readonly unknown[];
      current = first ?? current;
    }
    const reason = withoutSecrets(current instanceof Error ? current.message : String(current));
    if (!reasons.some((known) => known.includes(reason))) reasons.push(reason);
    // It says what to do; what lies beneath is a list of paths.
    if (!(current instanceof Error) || current instanceof MissingDriverError) break;
    current = current.cause;
  }
  const all = reasons.join(': ');
  if (all === '') return '';
  return `: ${all.length > PRINTED_REASON ? `${all.slice(0, PRINTED_REASON)}…` : all}`;
}

/** On one line, without the credentials of an address, and without the arguments that Redis repeats. */
function withoutSecrets(message: string): string {
  return message
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/:\/\/[^\s/]*@/g, '://')
    .replace(/,? with args beginning with:.*/, '');
}

const PRINTED_KEY = 200;

/** A key for a message: quoted, on one line, cut when long. */
function printKey(key: string): string {
  return JSON.stringify(key.length > PRINTED_KEY ? `${key.slice(0, PRINTED_KEY)}…` : key);
}
