import { RateLimitedError } from '../errors.ts';
import type { CallContext } from '../execution/call-context.ts';
import { GatePolicy } from '../execution/gate-policy.ts';
import type { ResiliencePolicy } from '../execution/resilience-policy.ts';
import type { Decision } from '../limiters/rate-limiter.ts';
import { rateLimitSettings, type RateLimitOptions, type RateLimitSettings } from './options.ts';
import type { RateLimitEvents, RateLimitSnapshot } from './telemetry.ts';

/** See {@link rateLimit}. */
export type RateLimit = ResiliencePolicy<RateLimitSnapshot, RateLimitEvents>;

/** The permit of every call: nothing is given back. */
const PERMIT = 0;

/**
 * Runs functions only as often as a limiter admits. A call for which there is no room is rejected with a `RateLimitedError`,
 * at once, or when it has waited for `wait` in vain; a call that would have to wait longer does not wait at all. What
 * becomes of a call that ran does not matter to the limit.
 * @throws `ConfigError` naming the first option that is refused
 * @example
 * const limited = rateLimit({ rate: 50, burst: 10, wait: '2s' });
 * const page = await limited.execute(({ signal }) => fetch(url, { signal }));
 */
export function rateLimit(options: RateLimitOptions): RateLimit {
  return new RateLimitPolicy(rateLimitSettings(options));
}

class RateLimitPolicy extends GatePolicy<RateLimitSnapshot, RateLimitEvents> implements RateLimit {
  readonly #settings: RateLimitSettings;
  #waiting = 0;
  #admitted = 0;
  #refused = 0;

  constructor(settings: RateLimitSettings) {
    super(settings, ['refused']);
    this.#settings = settings;
  }

  enter(call: CallContext): number | Promise<number> {
    const { limiter, wait, key: keyOf, cost: costOf } = this.#settings;
    const key = typeof keyOf === 'string' ? keyOf : keyOf(call);
    const cost = typeof costOf === 'number' ? costOf : costOf(call);
    if (wait === 0 && limiter.tryTake !== undefined) {
      return this.#judge(limiter.tryTake(key, cost), key, cost);
    }
    return this.#ask(key, cost, call);
  }

  leave(): void {
    // Taken is taken.
  }

  snapshot(): RateLimitSnapshot {
    return {
      name: this.name,
      limiter: this.#settings.limiter.name,
      waiting: this.#waiting,
      totals: { admitted: this.#admitted, refused: this.#refused },
    };
  }

  async #ask(key: string, cost: number, call: CallContext): Promise<number> {
    const { limiter, wait } = this.#settings;
    // Nobody has any use for a turn that comes later.
    const left =
      call.deadline === Infinity ? Infinity : Math.floor(call.deadline - this.clock.now());
    const timeout = Math.max(0, Math.min(wait, left));
    this.#waiting++;
    let decision: Decision;
    try {
      decision = await limiter.take(key, { cost, timeout, signal: call.cancellation });
    } finally {
      this.#waiting--;
    }
    return this.#judge(decision, key, cost);
  }

  #judge(decision: Decision, key: string, cost: number): number {
    if (decision.admitted) {
      this.#admitted++;
      return PERMIT;
    }
    this.#refused++;
    const { retryAfter } = decision;
    if (this.events.has('refused')) {
      this.events.emit('refused', { policy: this.name, key, cost, retryAfter });
    }
    throw new RateLimitedError(this.#settings.limiter.name, retryAfter);
  }
}
