import assert from 'node:assert/strict';
import { ConfigError } from '@perf/core';
import { limiterChecksOf, QUICK, SLOW, STEADY, type LimiterCheck } from './limiter-check.ts';
import { drain, follow } from './requests.ts';

export const ADJUSTING_CHECKS: readonly LimiterCheck[] = limiterChecksOf('adjusting', {
  'a penalty counts, even beyond the limit': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.penalize('k', SLOW.limit * 2);
    const { admitted, remaining } = await limiter.take('k', { timeout: 0 });
    assert.deepEqual([admitted, remaining], [false, 0]);
    assert.equal((await limiter.check('other')).remaining, SLOW.limit);
  },

  'a penalty is paid off in time': async ({ open }) => {
    const { limiter, advance } = await open(QUICK);
    await limiter.penalize('k', QUICK.limit * 2);
    await advance((await limiter.check('k')).retryAfter);
    assert.equal((await limiter.take('k', { timeout: 0 })).admitted, true);
  },

  'a reward gives back, but never more than was taken': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.take('k', { cost: 4 });
    await limiter.reward('k', 2);
    assert.equal((await limiter.check('k')).remaining, 3);
    await limiter.reward('k', 100);
    assert.equal(await drain(limiter, SLOW.limit * 2, 'k'), SLOW.limit);
  },

  'a reward lets go on who waits': async ({ open }) => {
    const { limiter, advance } = await open(SLOW);
    await limiter.take('k', { cost: SLOW.limit });
    const order: string[] = [];
    const end = follow(order, 'a', limiter.take('k', { timeout: Infinity }));
    await limiter.check('k');
    await limiter.reward('k', 1);
    await advance(1);
    await end;
    assert.deepEqual(order, ['a']);
  },

  'a blocked key is refused until the block is over': async ({ open }) => {
    const { limiter, advance } = await open(QUICK);
    assert.equal(await limiter.block('k', STEADY.window), true);
    const { admitted, retryAfter } = await limiter.take('k', { timeout: 0 });
    assert.equal(admitted, false);
    assert.ok(retryAfter > 0);
    assert.equal((await limiter.take('other', { timeout: 0 })).admitted, true);
    await advance(retryAfter);
    assert.equal((await limiter.take('k', { timeout: 0 })).admitted, true);
  },

  'a shorter block does not end a longer one': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.block('k', '1h');
    await limiter.block('k', 1);
    assert.ok((await limiter.check('k')).retryAfter > 3_000_000);
  },

  'a block for good ends with a reset': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.block('k', Infinity);
    const { admitted, retryAfter } = await limiter.take('k', { timeout: Infinity });
    assert.deepEqual([admitted, retryAfter], [false, Infinity]);
    await limiter.reset('k');
    assert.equal(await drain(limiter, SLOW.limit * 2, 'k'), SLOW.limit);
  },

  'what makes no sense is a ConfigError': async ({ open }) => {
    const { limiter } = await open(SLOW);
    for (const cost of [-1, Number.NaN, Infinity]) {
      await assert.rejects(async () => limiter.penalize('k', cost), ConfigError);
      await assert.rejects(async () => limiter.reward('k', cost), ConfigError);
    }
    for (const duration of [-1, 0, Number.NaN]) {
      await assert.rejects(async () => limiter.block('k', duration), ConfigError);
    }
    assert.equal((await limiter.check('k')).remaining, SLOW.limit);
  },
});
