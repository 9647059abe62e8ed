import assert from 'node:assert/strict';
import { systemClock } from '@perf/core';
import { seededRandom } from '@perf/core/testing';
import { limiterChecksOf, QUICK, SLOW, type LimiterCheck } from './limiter-check.ts';
import { drain } from './requests.ts';

interface Admission {
  readonly cost: number;
  /** When it was asked for, and when it was there: it was admitted in between. */
  readonly before: number;
  readonly after: number;
}

const STEPS = 500;
const ROUNDING = 1e-6;

export const LAW_CHECKS: readonly LimiterCheck[] = limiterChecksOf('the law', {
  'no window has more than the limit and what came back in it': async ({ open, traits }) => {
    const { limiter, advance, clock = systemClock } = await open(QUICK);
    const random = seededRandom(traits.seed ?? 1);
    const admissions: Admission[] = [];
    for (let step = 0; step < STEPS; step++) {
      const cost = 1 + Math.floor(random() * QUICK.limit);
      const before = clock.now();
      const { admitted } = await limiter.take('k', { cost, timeout: 0 });
      if (admitted) admissions.push({ cost, before, after: clock.now() });
      if (random() < 0.1) await advance(1 + Math.floor(random() * 50));
    }
    const rate = QUICK.limit / QUICK.window;
    for (const [first, { before }] of admissions.entries()) {
      let sum = 0;
      for (const { after, cost } of admissions.slice(first)) {
        sum += cost;
        const most = QUICK.limit + rate * (after - before) + (traits.overshoot ?? 0);
        assert.ok(sum <= most + ROUNDING, `${sum} in ${after - before} ms, at most ${most}`);
      }
    }
    assert.ok(admissions.length > 3);
  },
});

export const SHARED_CHECKS: readonly LimiterCheck[] = limiterChecksOf('shared', {
  'several limiters admit no more than one': async ({ open }) => {
    const subject = await open(SLOW);
    const second = await subject.second?.();
    assert.ok(second !== undefined);
    assert.equal((await subject.limiter.take('k', { cost: 2 })).admitted, true);
    const rest = [
      await drain(second, SLOW.limit * 2, 'k'),
      await drain(subject.limiter, SLOW.limit * 2, 'k'),
    ];
    assert.deepEqual(rest, [SLOW.limit - 2, 0]);
  },

  'what one limiter resets the other admits': async ({ open }) => {
    const subject = await open(SLOW);
    const second = await subject.second?.();
    assert.ok(second !== undefined);
    await drain(second, SLOW.limit * 2, 'k');
    await subject.limiter.reset('k');
    assert.equal((await subject.limiter.take('k', { timeout: 0 })).admitted, true);
  },
});
