import { ManualClock } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LocalRateLimiter } from '../../src/limiters/rate-limiter.ts';
import { slidingWindow } from '../../src/limiters/sliding-window.ts';
import { tokenBucket } from '../../src/limiters/token-bucket.ts';

const step = fc.record({
  do: fc.constantFrom('take', 'take', 'take', 'take', 'penalize', 'reward', 'block', 'reset'),
  key: fc.constantFrom('', 'a', 'b'),
  cost: fc.constantFrom(0, 0.5, 1, 1, 1, 2, 3, 7, 50),
  /** How far the clock goes before it: seldom far, and on by a fraction. */
  wait: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 50 }) },
    { weight: 2, arbitrary: fc.double({ min: 0, max: 5, noNaN: true }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 10_000_000 }) },
  ),
});

interface Event {
  readonly time: number;
  /** What was admitted, or what is given back, below zero. */
  readonly cost: number;
}

/** A bucket that keeps its tokens, rather than when it is full. */
class NaiveBucket {
  #tokens: number;
  #time = 0;
  readonly #rate: number;
  readonly #burst: number;
  constructor(rate: number, burst: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
  }
  take(cost: number, now: number): boolean {
    this.#refill(now);
    if (cost > this.#tokens + 1e-9) return false;
    this.#tokens -= cost;
    return true;
  }
  add(cost: number, now: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.#burst, this.#tokens - cost);
  }
  block(duration: number, now: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.#tokens, -duration * this.#rate);
  }
  reset(now: number): void {
    this.#refill(now);
    this.#tokens = this.#burst;
  }
  /** Whether it lies so close to the cost that rounding decides. */
  isClose(cost: number, now: number): boolean {
    this.#refill(now);
    return Math.abs(cost - this.#tokens) < 1e-6;
  }
  #refill(now: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#time) * this.#rate);
    this.#time = now;
  }
}

/** The most that was admitted in any stretch beyond what `most` allows for its length. */
function excess(events: readonly Event[], most: (length: number) => number): number {
  let worst = -Infinity;
  for (const [first, { time: begin }] of events.entries()) {
    let sum = 0;
    for (let last = first; last < events.length; last++) {
      const { time, cost } = events[last] as Event;
      sum += cost;
      worst = Math.max(worst, sum - most(time - begin));
    }
  }
  return worst;
}

function play(
  limiter: LocalRateLimiter,
  clock: ManualClock,
  steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
): readonly Event[] {
  const events: Event[] = [];
  for (const { do: what, cost, wait } of steps) {
    clock.advance(wait);
    const time = clock.now();
    if (what === 'take') {
      if (limiter.tryTake('k', cost).admitted) events.push({ time, cost });
    } else if (what === 'penalize') limiter.penalize('k', cost);
    else if (what === 'block') limiter.block('k', 1 + cost * 10);
  }
  return events;
}

describe('limiters under random costs, steps of the clock, penalties and blocks', () => {
  test.each([true, false])(
    'no bucket admits more than rate · W + burst (precise: %s)',
    (precise) => {
      fc.assert(
        fc.property(
          fc.array(step, { maxLength: 120 }),
          fc.constantFrom(0.3, 5, 100, 3333),
          fc.constantFrom(1, 2.5, 7, 40),
          (steps, rate, burst) => {
            const clock = new ManualClock();
            const limiter = tokenBucket({ rate, burst, precise, clock });
            const events = play(limiter, clock, steps);
            // The coarse clock goes in whole milliseconds.
            const lag = precise ? 0 : 1;
            const most = (length: number): number => burst + (rate / 1000) * (length + lag);
            expect(excess(events, most)).toBeLessThan(1e-6);
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  test.each([1, 3, 10])('no window of %i parts admits more than its limit', (precision) => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.constantFrom(7, 100, 1000),
        fc.constantFrom(1, 2.5, 7, 40),
        (steps, window, limit) => {
          const clock = new ManualClock();
          const options = { limit, window, precision, precise: true, clock };
          const events = play(slidingWindow(options), clock, steps);
          const most = (length: number): number => (length < window ? limit : Infinity);
          expect(excess(events, most)).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a window admits whatever fits when all taken in it and one part before is counted', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const clock = new ManualClock();
        const limiter = slidingWindow({ limit: 7, window: 100, precise: true, clock });
        const taken: Event[] = [];
        for (const { cost, wait } of steps) {
          clock.advance(wait);
          const now = clock.now();
          let counted = 0;
          for (const { time, cost: one } of taken) counted += now - time <= 110 ? one : 0;
          const { admitted } = limiter.tryTake('k', cost);
          if (counted + cost <= 7) expect(admitted).toBe(true);
          if (admitted) taken.push({ time: now, cost });
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a bucket decides as one that counts its tokens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const clock = new ManualClock();
        const [rate, burst] = [50, 7];
        const limiter = tokenBucket({ rate, burst, precise: true, clock });
        const models = new Map(['', 'a', 'b'].map((key) => [key, new NaiveBucket(0.05, burst)]));
        for (const { do: what, key, cost, wait } of steps) {
          clock.advance(wait);
          const now = clock.now();
          const model = models.get(key) as NaiveBucket;
          if (what === 'take') {
            if (model.isClose(cost, now)) {
              limiter.reset(key);
              model.reset(now);
            }
            expect(limiter.tryTake(key, cost).admitted).toBe(model.take(cost, now));
          } else if (what === 'penalize') {
            limiter.penalize(key, cost);
            model.add(cost, now);
          } else if (what === 'reward') {
            limiter.reward(key, cost);
            model.add(-cost, now);
          } else if (what === 'block') {
            limiter.block(key, 1 + cost * 10);
            model.block(1 + cost * 10, now);
          } else {
            limiter.reset(key);
            model.reset(now);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['tokenBucket', (clock: ManualClock) => tokenBucket({ rate: 50, burst: 7, clock })],
    ['slidingWindow', (clock: ManualClock) => slidingWindow({ limit: 7, window: 140, clock })],
  ])('%s admits after retryAfter, and not a millisecond before', (_, create) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new ManualClock();
        const limiter = create(clock);
        for (const { cost, wait } of steps) {
          clock.advance(Math.floor(wait));
          const { admitted, retryAfter } = limiter.tryTake('k', cost);
          if (admitted || retryAfter === Infinity) continue;
          clock.advance(retryAfter - 1);
          expect(limiter.check('k', cost).admitted).toBe(false);
          clock.advance(1);
          expect(limiter.tryTake('k', cost).admitted).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('keys of a small table are never admitted more than their law', () => {
    const request = fc.record({
      key: fc.integer({ min: 0, max: 8 }),
      cost: fc.constantFrom(1, 2, 3),
      wait: fc.constantFrom(0, 0, 1, 5, 40),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 200 }), (requests) => {
        const clock = new ManualClock();
        const limiter = tokenBucket({ rate: 50, burst: 4, maxKeys: 3, clock });
        const events = new Map<number, Event[]>();
        for (const { key, cost, wait } of requests) {
          clock.advance(wait);
          if (!limiter.tryTake(`${key}`, cost).admitted) continue;
          events.set(key, [...(events.get(key) ?? []), { time: clock.now(), cost }]);
        }
        expect(limiter.snapshot().keys).toBeLessThanOrEqual(3);
        for (const one of events.values()) {
          expect(excess(one, (length) => 4 + 0.05 * length)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 500 },
    );
  });
});
