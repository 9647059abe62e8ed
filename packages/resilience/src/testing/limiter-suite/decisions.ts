import assert from 'node:assert/strict';
import { ConfigError } from '@perf/core';
import { limiterChecksOf, QUICK, SLOW, type LimiterCheck } from './limiter-check.ts';
import { drain, tryTimes } from './requests.ts';

const ODD_KEYS = ['__proto__', 'constructor', ' ', 'a b', 'ü😀', '{a}', '}', 'a:b', '\n', '*'];

export const DECISION_CHECKS: readonly LimiterCheck[] = limiterChecksOf('decisions', {
  'the limit is admitted at once, and not one more': async ({ open }) => {
    const { limiter } = await open(SLOW);
    const decisions = await tryTimes(limiter, SLOW.limit + 2, 'k');
    assert.deepEqual(
      decisions.map(({ admitted }) => admitted),
      [...Array.from({ length: SLOW.limit }, () => true), false, false],
    );
  },

  'a decision tells the limit and what remains': async ({ open }) => {
    const { limiter } = await open(SLOW);
    const decisions = await tryTimes(limiter, SLOW.limit + 1, 'k');
    assert.deepEqual(
      decisions.map(({ limit, remaining }) => [limit, remaining]),
      [4, 3, 2, 1, 0, 0].map((remaining) => [SLOW.limit, remaining]),
    );
    for (const { admitted, retryAfter, resetAfter } of decisions) {
      assert.equal(retryAfter === 0, admitted);
      assert.ok(resetAfter > 0 && Number.isInteger(resetAfter));
      assert.ok(Number.isInteger(retryAfter));
    }
  },

  'the same is admitted after retryAfter': async ({ open }) => {
    const { limiter, advance } = await open(QUICK);
    await drain(limiter, QUICK.limit * 3, 'k');
    await advance((await limiter.check('k')).retryAfter);
    assert.equal((await limiter.take('k', { timeout: 0 })).admitted, true);
  },

  'all of it is there again after resetAfter': async ({ open }) => {
    const { limiter, advance } = await open(QUICK);
    await drain(limiter, QUICK.limit * 3, 'k');
    await advance((await limiter.check('k')).resetAfter);
    const { remaining, resetAfter } = await limiter.check('k');
    assert.deepEqual([remaining, resetAfter], [QUICK.limit, 0]);
    assert.equal((await limiter.take('k', { cost: QUICK.limit, timeout: 0 })).admitted, true);
  },

  'keys do not know of each other, nor of those without a key': async ({ open }) => {
    const { limiter } = await open(SLOW);
    for (const key of [...ODD_KEYS, 'k'.repeat(1000)]) {
      assert.equal(await drain(limiter, SLOW.limit * 2, key), SLOW.limit, JSON.stringify(key));
    }
    assert.equal(await drain(limiter, SLOW.limit * 2), SLOW.limit);
    assert.equal((await limiter.take('', { timeout: 0 })).admitted, false);
  },

  'check takes nothing': async ({ open }) => {
    const { limiter } = await open(SLOW);
    for (let times = 0; times < SLOW.limit * 2; times++) {
      const { admitted, remaining, resetAfter } = await limiter.check('k');
      assert.deepEqual([admitted, remaining, resetAfter], [true, SLOW.limit, 0]);
    }
    assert.equal(await drain(limiter, SLOW.limit * 2, 'k'), SLOW.limit);
    const { admitted, retryAfter } = await limiter.check('k');
    assert.equal(admitted, false);
    assert.ok(retryAfter > 0);
  },

  'check tells whether a cost is there': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.take('k', { cost: 3 });
    assert.equal((await limiter.check('k', 2)).admitted, true);
    assert.equal((await limiter.check('k', 3)).admitted, false);
  },
});

export const COST_CHECKS: readonly LimiterCheck[] = limiterChecksOf('costs', {
  'a cost is taken whole or not at all': async ({ open }) => {
    const { limiter } = await open(SLOW);
    const costs = [3, 3, 2, 1];
    const decisions = [];
    for (const cost of costs) decisions.push(await limiter.take('k', { cost, timeout: 0 }));
    assert.deepEqual(
      decisions.map(({ admitted, remaining }) => [admitted, remaining]),
      [
        [true, 2],
        [false, 2],
        [true, 0],
        [false, 0],
      ],
    );
  },

  'fractions add up': async ({ open }) => {
    const { limiter } = await open({ limit: 1, window: 600_000 });
    const admitted = [];
    for (let times = 0; times < 5; times++) {
      admitted.push((await limiter.take('k', { cost: 0.25, timeout: 0 })).admitted);
    }
    assert.deepEqual(admitted, [true, true, true, true, false]);
  },

  'a cost of nothing is admitted when nothing is left': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.take('k', { cost: SLOW.limit });
    assert.equal((await limiter.take('k', { cost: 0, timeout: 0 })).admitted, true);
  },

  'a cost above the limit is refused at once, for ever, and takes nothing': async ({ open }) => {
    const { limiter } = await open(SLOW);
    for (const timeout of [0, Infinity]) {
      const decision = await limiter.take('k', { cost: SLOW.limit + 1, timeout });
      assert.deepEqual([decision.admitted, decision.retryAfter], [false, Infinity]);
    }
    const { admitted, retryAfter } = await limiter.check('k', SLOW.limit + 1);
    assert.deepEqual([admitted, retryAfter], [false, Infinity]);
    assert.equal((await limiter.check('k')).remaining, SLOW.limit);
  },

  'a cost or a timeout that makes no sense is a ConfigError, and takes nothing': async ({
    open,
  }) => {
    const { limiter } = await open(SLOW);
    await limiter.take('k', { cost: SLOW.limit - 1 });
    for (const cost of [-1, Number.NaN, -Infinity]) {
      await assert.rejects(limiter.take('k', { cost }), ConfigError, `cost ${cost}`);
      await assert.rejects(async () => limiter.check('k', cost), ConfigError, `cost ${cost}`);
    }
    for (const timeout of [-1, Number.NaN]) {
      await assert.rejects(limiter.take('k', { cost: SLOW.limit, timeout }), ConfigError);
    }
    assert.equal((await limiter.check('k')).remaining, 1);
  },
});
