import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { limiterChecksOf, QUICK, SLOW, STEADY, type LimiterCheck } from './limiter-check.ts';
import { drain, follow } from './requests.ts';

/** Long enough for everything to come back, whatever was taken. */
const WINDOWS = QUICK.window * 3;

export const WAITING_CHECKS: readonly LimiterCheck[] = limiterChecksOf('waiting', {
  'a take waits until there is room': async ({ open }) => {
    const { limiter, advance } = await open(QUICK);
    await drain(limiter, QUICK.limit * 3, 'k');
    const order: string[] = [];
    const end = follow(order, 'a', limiter.take('k', { timeout: 60_000 }));
    await advance(WINDOWS);
    await end;
    assert.deepEqual(order, ['a']);
  },

  'who waits is served in the order of arrival, whatever they want': async ({ open }) => {
    const { limiter, advance } = await open(QUICK);
    await drain(limiter, QUICK.limit * 3, 'k');
    const order: string[] = [];
    const ends = [4, 1, 3, 1].map((cost, index) =>
      follow(order, `${index}`, limiter.take('k', { cost, timeout: 60_000 })),
    );
    for (let times = 0; times < 6; times++) await advance(QUICK.window);
    await Promise.all(ends);
    assert.deepEqual(order, ['0', '1', '2', '3']);
  },

  'nobody overtakes who waits': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.take('k', { cost: SLOW.limit - 1 });
    const abort = new AbortController();
    const order: string[] = [];
    const whole = limiter.take('k', {
      cost: SLOW.limit,
      timeout: Infinity,
      signal: abort.signal,
    });
    const end = follow(order, 'whole', whole);
    // Where others are asked, it waits once it has been refused; who waits counts in a check.
    for (let looks = 0; looks < 100 && (await limiter.check('k')).admitted; looks++);
    const { admitted, remaining, retryAfter } = await limiter.take('k', { timeout: 0 });
    assert.deepEqual([admitted, remaining], [false, 0]);
    assert.ok(retryAfter > 0);
    abort.abort(new Error('enough'));
    await end;
    assert.deepEqual(order, ['whole Error']);
    assert.equal((await limiter.take('k', { timeout: 0 })).admitted, true);
  },

  'who waits for one key holds nobody up who wants another': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.take('k', { cost: SLOW.limit });
    const abort = new AbortController();
    const order: string[] = [];
    const end = follow(order, 'k', limiter.take('k', { timeout: Infinity, signal: abort.signal }));
    assert.equal((await limiter.take('other')).admitted, true);
    abort.abort(new Error('enough'));
    await end;
    assert.deepEqual(order, ['k Error']);
  },

  'a wait that would be too long is refused at once': async ({ open }) => {
    const { limiter } = await open(SLOW);
    await limiter.take('k', { cost: SLOW.limit });
    const { admitted, retryAfter } = await limiter.take('k', { timeout: 1000 });
    assert.equal(admitted, false);
    assert.ok(retryAfter > 1000);
  },

  'who has waited for its timeout is refused, and has taken nothing': async ({ open }) => {
    const { limiter, advance } = await open(STEADY);
    await limiter.take('k', { cost: STEADY.limit });
    const order: string[] = [];
    const end = follow(order, 'a', limiter.take('k', { timeout: STEADY.window * 1.2 }));
    await limiter.check('k');
    await limiter.block('k', '1h');
    await advance(STEADY.window * 1.2);
    await end;
    assert.deepEqual(order, ['a refused']);
    await limiter.reset('k');
    assert.equal((await limiter.check('k')).remaining, STEADY.limit);
  },
});

export const ABORT_CHECKS: readonly LimiterCheck[] = limiterChecksOf('aborts', {
  'an aborted wait rejects with the reason, takes nothing, and leaves no listener': async ({
    open,
  }) => {
    const { limiter } = await open(SLOW);
    await limiter.take('k', { cost: SLOW.limit - 1 });
    const abort = new AbortController();
    const reason = new Error('enough');
    const wait = limiter.take('k', { cost: 2, timeout: Infinity, signal: abort.signal });
    await Promise.resolve();
    abort.abort(reason);
    await assert.rejects(wait, (error) => error === reason);
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
    assert.equal((await limiter.check('k')).remaining, 1);
  },

  'who stands behind an aborted wait goes on': async ({ open }) => {
    const { limiter, advance } = await open(SLOW);
    await limiter.take('k', { cost: SLOW.limit - 1 });
    const abort = new AbortController();
    const order: string[] = [];
    const first = limiter.take('k', {
      cost: SLOW.limit,
      timeout: Infinity,
      signal: abort.signal,
    });
    const ends = [
      follow(order, 'first', first),
      follow(order, 'second', limiter.take('k', { timeout: Infinity })),
    ];
    await limiter.check('k');
    abort.abort(new Error('enough'));
    await advance(1);
    await Promise.all(ends);
    assert.deepEqual(order.toSorted(), ['first Error', 'second']);
  },

  'a signal that has aborted takes nothing': async ({ open }) => {
    const { limiter } = await open(SLOW);
    const reason = new Error('enough');
    await assert.rejects(
      limiter.take('k', { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    assert.equal((await limiter.check('k')).remaining, SLOW.limit);
  },

  'who is admitted leaves no listener': async ({ open }) => {
    const { limiter, advance } = await open(QUICK);
    const { signal } = new AbortController();
    await limiter.take('k', { cost: QUICK.limit, signal });
    const wait = limiter.take('k', { timeout: Infinity, signal });
    await advance(WINDOWS);
    assert.equal((await wait).admitted, true);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  },
});
