import { OVERFLOW, SHARED } from './key-table.ts';
import { KeyedLimiter, type KeyedRateLimiter } from './keyed-limiter.ts';
import {
  resolveSlidingWindow,
  type SlidingWindowOptions,
  type LimiterSettings,
} from './options.ts';
import type { Decision } from './rate-limiter.ts';
import { WindowMeter } from './window-meter.ts';

class SlidingWindow extends KeyedLimiter {
  readonly #meter: WindowMeter;

  constructor(settings: LimiterSettings, meter: WindowMeter) {
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
 * A limiter that admits at most `limit` in any `window`, wherever it begins. It counts in `precision` parts of a window,
 * and errs to the strict side: what was taken counts for the window and up to one part more, so under steady overload
 * at least `limit` in `window · (1 + 1 / precision)` is admitted. (Counters of two windows that are weighed against each
 * other, as are common, admit up to twice the limit; a log of all requests would need room for each.) Time is that of
 * `tokenBucket`.
 * @throws ConfigError naming the option that is not right
 */
export function slidingWindow(options: SlidingWindowOptions): KeyedRateLimiter {
  const settings = resolveSlidingWindow(options);
  const { clock, precise, limit, window, precision } = settings;
  const start = precise ? clock.now() : clock.coarse();
  return new SlidingWindow(settings, new WindowMeter(limit, window, precision, start));
}
