import { OVERFLOW, SHARED } from './key-table.ts';
import { KeyedLimiter, type KeyedRateLimiter } from './keyed-limiter.ts';
import { resolveTokenBucket, type TokenBucketOptions, type LimiterSettings } from './options.ts';
import type { Decision } from './rate-limiter.ts';
import { TokenMeter } from './token-meter.ts';

class TokenBucket extends KeyedLimiter {
  readonly #meter: TokenMeter;

  constructor(settings: LimiterSettings, meter: TokenMeter) {
    super(settings, meter);
    this.#meter = meter;
  }

  tryTake(key = '', cost = 1): Decision {
    const now = this.now();
    const slot = key === '' ? SHARED : this.table.slotOf(key, now);
    const isFree = this.lines.size === 0 || !this.lines.has(key);
    if (!isFree || !this.#meter.take(slot, cost, now)) return this.refuse(key, cost);
    this.admitted++;
    if (slot === OVERFLOW) this.overflowed++;
    return this.#meter.admission(slot, now);
  }
}

/**
 * A limiter that lets `burst` through at once, and `rate` in the long run: each key has a bucket of `burst` tokens, full
 * at first, into which `rate` tokens come back in every `per`. In any time `W` a key is admitted at most
 * `burst + rate · W`. Time is the clock's `coarse`, so `W` begins up to a turn of the event loop earlier and
 * a millisecond; with `precise: true` it does not.
 * @throws ConfigError naming the option that is not right
 */
export function tokenBucket(options: TokenBucketOptions): KeyedRateLimiter {
  const settings = resolveTokenBucket(options);
  const { clock, precise } = settings;
  const start = precise ? clock.now() : clock.coarse();
  return new TokenBucket(settings, new TokenMeter(settings.rate, start));
}
