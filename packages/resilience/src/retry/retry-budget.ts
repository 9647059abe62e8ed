import {
  checkInteger,
  checkKnown,
  checkNumber,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import { isTimeout } from '../execution/outcome.ts';

/**
 * Bounds the retries of all who share it, so that a service in trouble gets little more load than it would without them. Hand one to every
 * `retry` that calls the same thing.
 */
export interface RetryBudget {
  /** A call's first try has ended. */
  record(ok: boolean): void;
  /** Whether there may be another try, which is then paid for. @param error what the last one failed with */
  tryWithdraw(error: unknown): boolean;
  /** How many tries it would pay for now. */
  readonly available: number;
}

/** Options of {@link retryBudget}. */
export interface RetryBudgetOptions {
  /** Tries for each call of the window. @default 0.2 */
  readonly ratio?: number | undefined;
  /** Tries that there are in any case, for those who call seldom. @default 10 */
  readonly minPerSecond?: number | undefined;
  /** For how long calls and retries count. @default '10s' */
  readonly window?: Duration | undefined;
  readonly clock?: Clock | undefined;
}

const BUCKETS = 10;

/**
 * Retries in proportion to calls.
 * @throws {@link ConfigError} for an option that is refused
 * @see Finagle's `RetryBudget`
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  checkKnown('retryBudget', options, ['ratio', 'minPerSecond', 'window', 'clock']);
  const ratio = checkNumber('retryBudget.ratio', options.ratio ?? 0.2, 0, 1000);
  const perSecond = checkNumber('retryBudget.minPerSecond', options.minPerSecond ?? 10, 0, 1e9);
  const window = toMilliseconds('retryBudget.window', options.window ?? '10s', { min: BUCKETS });
  return new RatioBudget(ratio, (perSecond * window) / 1000, window, options.clock ?? systemClock);
}

class RatioBudget implements RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  readonly #width: number;
  readonly #clock: Clock;
  /** What each part of the window adds to the balance, and their sum. */
  readonly #parts = new Float64Array(BUCKETS);
  #balance = 0;
  #current = 0;
  #until: number;

  constructor(ratio: number, reserve: number, window: number, clock: Clock) {
    this.#ratio = ratio;
    this.#reserve = reserve;
    this.#width = window / BUCKETS;
    this.#clock = clock;
    this.#until = clock.coarse() + this.#width;
  }

  get available(): number {
    this.#rotate();
    return Math.max(0, Math.floor(this.#reserve + this.#balance));
  }

  record(): void {
    this.#rotate();
    this.#add(this.#ratio);
  }

  tryWithdraw(): boolean {
    if (this.available < 1) return false;
    this.#add(-1);
    return true;
  }

  #add(amount: number): void {
    (this.#parts[this.#current] as number) += amount;
    this.#balance += amount;
  }

  #rotate(): void {
    const now = this.#clock.coarse();
    if (now < this.#until) return;
    const steps = Math.floor((now - this.#until) / this.#width) + 1;
    this.#until += steps * this.#width;
    for (let step = 0; step < Math.min(steps, BUCKETS); step++) {
      this.#current = (this.#current + 1) % BUCKETS;
      this.#parts[this.#current] = 0;
    }
    // Summed anew, so that errors of rounding do not add up.
    this.#balance = this.#parts.reduce((sum, part) => sum + part, 0);
  }
}

/** Options of {@link tokenRetryBudget}. */
export interface TokenRetryBudgetOptions {
  /** @default 500 */
  readonly capacity?: number | undefined;
  /** What a retry costs. @default 5 */
  readonly cost?: number | undefined;
  /** What one costs after a timeout, when the load is likely still there. @default 10 */
  readonly timeoutCost?: number | undefined;
  /** What a call that succeeds at its first try pays in. @default 1 */
  readonly successCredit?: number | undefined;
}

/**
 * A bucket of tokens that retries empty and successes fill.
 * @throws {@link ConfigError} for an option that is refused
 * @see AWS SDK, retry behaviour, "standard" mode
 */
export function tokenRetryBudget(options: TokenRetryBudgetOptions = {}): RetryBudget {
  checkKnown('tokenRetryBudget', options, ['capacity', 'cost', 'timeoutCost', 'successCredit']);
  const capacity = checkInteger('tokenRetryBudget.capacity', options.capacity ?? 500);
  const cost = checkInteger('tokenRetryBudget.cost', options.cost ?? 5, { max: capacity });
  const timeoutCost = checkInteger('tokenRetryBudget.timeoutCost', options.timeoutCost ?? 10, {
    max: capacity,
  });
  const credit = checkNumber(
    'tokenRetryBudget.successCredit',
    options.successCredit ?? 1,
    0,
    capacity,
  );
  let tokens = capacity;
  return {
    get available() {
      return Math.floor(tokens / cost);
    },
    record(ok) {
      if (ok) tokens = Math.min(capacity, tokens + credit);
    },
    tryWithdraw(error) {
      const price = isTimeout(error) ? timeoutCost : cost;
      if (tokens < price) return false;
      tokens -= price;
      return true;
    },
  };
}
