import { decisionOf } from '../limiters/decision.ts';
import type { Decision, LocalRateLimiter } from '../limiters/rate-limiter.ts';
import { tokenBucket } from '../limiters/token-bucket.ts';
import type { RedisRateLimiterSettings } from './options.ts';

/** What decides while Redis does not answer. */
export class Fallback {
  readonly #settings: RedisRateLimiterSettings;
  #local: LocalRateLimiter | undefined;

  constructor(settings: RedisRateLimiterSettings) {
    this.#settings = settings;
  }

  decide(key: string, cost: number): Decision {
    if (this.#settings.failMode !== 'local') return this.#always();
    return this.#within(this.#bucket().tryTake(key, cost));
  }

  check(key: string, cost: number): Decision {
    if (this.#settings.failMode !== 'local') return this.#always();
    return this.#within(this.#bucket().check(key, cost));
  }

  /** Redis has admitted it: what this process may do by itself is less by that, should Redis go now. */
  note(key: string, cost: number): void {
    if (this.#settings.failMode === 'local') this.#bucket().tryTake(key, cost);
  }

  giveBack(key: string, cost: number): void {
    this.#local?.reward(key, cost);
  }

  #always(): Decision {
    const { failMode, rate, retryInterval } = this.#settings;
    return failMode === 'open'
      ? decisionOf(true, rate.burst, Math.floor(rate.burst), 0, 0)
      : decisionOf(false, rate.burst, 0, retryInterval, retryInterval);
  }

  /** What a share will never have, Redis may. */
  #within(decision: Decision): Decision {
    const { rate, retryInterval } = this.#settings;
    const retryAfter = decision.retryAfter === Infinity ? retryInterval : decision.retryAfter;
    return { ...decision, limit: rate.burst, retryAfter };
  }

  #bucket(): LocalRateLimiter {
    const { rate, localShare, maxKeys, clock, name } = this.#settings;
    this.#local ??= tokenBucket({
      rate: rate.rate * localShare * 1000,
      burst: Math.max(1, rate.burst * localShare),
      maxKeys,
      clock,
      name,
    });
    return this.#local;
  }
}
