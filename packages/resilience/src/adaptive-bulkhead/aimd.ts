import { checkKnown, checkNumber, toMilliseconds, type Duration } from '@perf/core';
import {
  resolveLimitBounds,
  type ConcurrencyLimit,
  type LimitBounds,
  type LimitSample,
  type ResolvedLimitBounds,
} from './concurrency-limit.ts';

/** Options of {@link aimd}. */
export interface AimdOptions extends LimitBounds {
  /** Calls that take longer on average count as an overload. @default Infinity */
  readonly targetTime?: Duration;
  /** What an overload leaves of the limit, from 0.5 to 1, exclusively. @default 0.9 */
  readonly backoff?: number;
}

/**
 * Additive increase, multiplicative decrease: one call more after each sample that went well and used at least half of the limit, a
 * tenth less after one with an overload. It finds the limit by running into it, so it needs a service that turns calls away, a
 * timeout within, or a `targetTime`.
 *
 * Source: Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance in computer networks", 1989;
 * the form for services is that of Netflix's concurrency-limits (`AIMDLimit`).
 * @throws `ConfigError` naming the first option that is refused
 */
export function aimd(options: AimdOptions = {}): ConcurrencyLimit {
  const kind = 'aimd';
  checkKnown(kind, options, ['minLimit', 'maxLimit', 'initialLimit', 'targetTime', 'backoff']);
  return new Aimd(
    resolveLimitBounds(kind, options),
    toMilliseconds('aimd.targetTime', options.targetTime ?? Infinity, { infinite: true }),
    checkNumber('aimd.backoff', options.backoff ?? 0.9, 0.5, 1 - Number.EPSILON),
  );
}

class Aimd implements ConcurrencyLimit {
  readonly #bounds: ResolvedLimitBounds;
  readonly #targetTime: number;
  readonly #backoff: number;
  #limit: number;

  constructor(bounds: ResolvedLimitBounds, targetTime: number, backoff: number) {
    this.#bounds = bounds;
    this.#targetTime = targetTime;
    this.#backoff = backoff;
    this.#limit = bounds.initial;
  }

  get limit(): number {
    return this.#limit;
  }

  update({ time, inFlight, overloaded }: LimitSample): void {
    const { min, max } = this.#bounds;
    if (overloaded > 0 || (time !== undefined && time > this.#targetTime)) {
      this.#limit = Math.max(min, Math.floor(this.#limit * this.#backoff));
    } else if (inFlight * 2 >= this.#limit) {
      this.#limit = Math.min(max, this.#limit + 1);
    }
  }
}
