import type { Duration } from '@perf/core';

/** What a limiter says to one request. All of it holds for the moment of the decision. */
export interface Decision {
  /** Whether the request may go on; its cost is taken then, and only then. */
  readonly admitted: boolean;
  /** The most that can be taken at once. */
  readonly limit: number;
  /** How much could be taken at once now: a whole number, 0 while others wait for the key. */
  readonly remaining: number;
  /**
   * Milliseconds, in whole ones, after which the same cost would be admitted if nobody else came meanwhile: 0 when
   * it is admitted, `Infinity` when it never will be, since the cost is above {@link limit} or the key is blocked for good.
   */
  readonly retryAfter: number;
  /** Milliseconds, in whole ones, after which nothing counts against the key any more. */
  readonly resetAfter: number;
}

/** Options of {@link RateLimiter.take}. */
export interface TakeOptions {
  /** How much the request counts. A number of at least 0. @default 1 */
  readonly cost?: number | undefined;
  /** Ends the wait when it aborts; nothing is taken then. */
  readonly signal?: AbortSignal | undefined;
  /** The longest wait: 0 for none. @default the limiter's `timeout` */
  readonly timeout?: Duration | undefined;
}

/**
 * How often something may happen, for each key by itself. Keys are told apart as strings are; without one there is one
 * limit for all. Whoever waits for a key is served in the order of arrival, and nobody overtakes who waits.
 */
export interface RateLimiter {
  /** Told in errors, events and snapshots. */
  readonly name: string;
  /**
   * Takes the cost, and waits for it if need be. A wait that ends without it has taken nothing and holds nobody up.
   * @returns a refusal at once when the wait would be longer than `timeout`, too many wait already, or it would be for
   *   ever; or when `timeout` has passed. Rejects with the signal's reason, with `ConfigError` for options that make no
   *   sense, and with `ClosedError` where the limiter can be closed
   */
  take(key?: string, options?: TakeOptions): Promise<Decision>;
  /** What {@link take} would be told now, without taking anything. @param cost @default 1 */
  check(key?: string, cost?: number): Decision | Promise<Decision>;
  /**
   * Takes the cost if it is there, without waiting. Limiters that have to ask elsewhere have no such method.
   * @param cost @default 1
   * @throws `ConfigError` when the cost is no number of at least 0
   */
  tryTake?(key?: string, cost?: number): Decision;
}

/** A limiter whose keys can be held to more, or less, than they have taken. */
export interface AdjustableRateLimiter extends RateLimiter {
  /** Counts `cost` against the key whether it is there or not, so that it has to wait until that is paid off. */
  penalize(key: string, cost: number): void | Promise<void>;
  /** Gives back up to `cost` of what counts against the key. */
  reward(key: string, cost: number): void | Promise<void>;
  /**
   * Refuses the key for at least `duration`, `Infinity` until it is {@link reset}. A block that is longer stays.
   * @returns whether there was a place to remember it
   */
  block(key: string, duration: Duration): boolean | Promise<boolean>;
  /** Forgets all that counts against the key. */
  reset(key: string): void | Promise<void>;
}

/** A limiter of this process: it answers at once. */
export interface LocalRateLimiter extends AdjustableRateLimiter {
  check(key?: string, cost?: number): Decision;
  tryTake(key?: string, cost?: number): Decision;
  penalize(key: string, cost: number): void;
  reward(key: string, cost: number): void;
  block(key: string, duration: Duration): boolean;
  reset(key: string): void;
}
