import type { Duration, Listenable } from '@perf/core';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import type { PoolStats } from '../statistics/pool-stats.ts';
import type { Lease } from './lease.ts';
import { objectPoolSettings, type ObjectPoolOptions } from './options.ts';
import { SlotPool } from './slot-pool.ts';
import type { PoolEvents } from './telemetry.ts';

/** Options of a drain. */
export interface DrainOptions {
  /** How long to wait for what is out; then it is taken away and destroyed. @default '10s' */
  readonly timeout?: Duration | undefined;
}

/** A bounded pool of objects that cost something to make. */
export interface ObjectPool<T> extends Listenable<PoolEvents>, AsyncDisposable {
  readonly name: string;
  /**
   * One that is ready, or that the factory makes at once; a check or a factory that returns a promise cannot serve it.
   * @throws {@link PoolExhaustedError} when there is none, {@link PoolClosedError}, or what the factory throws as the `cause` of a {@link PoolCreateError}
   */
  borrow(): Lease<T>;
  /**
   * One as soon as it is this caller's turn.
   * Rejects with the signal's reason, or a {@link PoolAcquireTimeoutError}, {@link PoolQueueFullError}, {@link PoolClosedError}, or, when there is
   * nothing at all in the pool and a creation fails, with a {@link PoolCreateError}.
   */
  acquire(options?: AcquireOptions): Promise<Lease<T>>;
  /** Runs `fn` on one, and gives it back when that has settled. */
  use<R>(fn: (value: T) => R | PromiseLike<R>, options?: AcquireOptions): Promise<R>;
  /** Creates up to `count` in all, as far as the limit allows. Returns at once; failures are events. @default min */
  warmUp(count?: number): void;
  /** To be told when one has ended by itself, as a connection that broke: it is destroyed, at once or when it is given back. */
  lost(value: T): void;
  /** How many may be out at once from now on, from 1 to `max`; what lies ready beyond that is destroyed. */
  setLimit(limit: number): void;
  stats(): PoolStats;
  /** Lets nobody in, sends away who waits, waits for what is out, and destroys everything. Idempotent. */
  drain(options?: DrainOptions): Promise<void>;
  /** {@link drain} with its defaults. */
  close(): Promise<void>;
}

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const parsers = createObjectPool({ name: 'parsers', max: 8, create: () => new Parser(), reset: (one) => one.clear() });
 * const tree = await parsers.use((parser) => parser.parse(text), { timeout: 200 });
 */
export function createObjectPool<T>(options: ObjectPoolOptions<T>): ObjectPool<T> {
  return new SlotPool(objectPoolSettings(options));
}
