import { KeyedLimiter, type KeyedRateLimiter } from './keyed-limiter.ts';
import { resolveTokenBucket, type TokenBucketOptions } from './options.ts';
import { TokenMeter } from './token-meter.ts';

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
  return new KeyedLimiter(settings, new TokenMeter(settings.rate, start));
}
