import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import type { LeakEvent } from '../../src/leaks/leak-watch.ts';
import { setUp } from './pool-fixture.ts';

test('what is out for too long is reported once, with the stack of its acquire, and again when it is back', async () => {
  const { pool, clock } = setUp({ name: 'parsers', leakThreshold: 1000 });
  const events: [string, LeakEvent][] = [];
  pool.on('leak', (event) => events.push(['leak', event]));
  pool.on('leakReturned', (event) => events.push(['back', event]));
  const published: unknown[] = [];
  const listener = (message: unknown): void => {
    published.push(message);
  };
  subscribe('perf:pool:leak', listener);
  async function forgetful(): Promise<() => void> {
    const lease = await pool.acquire();
    return () => {
      lease.release();
    };
  }
  const giveBack = await forgetful();
  pool.borrow().release();
  await clock.advanceAsync(999);
  expect(events).toEqual([]);
  await clock.advanceAsync(3000);
  unsubscribe('perf:pool:leak', listener);
  expect(events.map(([kind]) => kind)).toEqual(['leak']);
  expect(events[0]?.[1]).toMatchObject({ pool: 'parsers', heldFor: 1000 });
  expect(events[0]?.[1].stack).toContain('forgetful');
  expect(events[0]?.[1].stack).not.toContain('object-pool.ts');
  expect(published).toEqual([events[0]?.[1]]);
  expect(pool.stats().leaked).toBe(1);
  giveBack();
  expect(events[1]).toMatchObject(['back', { heldFor: 3999 }]);
  const { leaked, useMs } = pool.stats();
  expect([leaked, useMs.count, useMs.max]).toEqual([0, 2, 3999]);
});

test('one timer looks after all, keeps no process alive, and none is left when nothing is out', async () => {
  const { pool, clock } = setUp({
    max: 50,
    leakThreshold: 1000,
    leakStacks: false,
    idleTimeout: Infinity,
    maxLifetime: Infinity,
  });
  const leases = Array.from({ length: 50 }, () => pool.borrow());
  await clock.advanceAsync(0);
  expect([clock.pendingTimers, clock.keepAliveTimers]).toEqual([1, 0]);
  for (const lease of leases) lease.release();
  await clock.advanceAsync(1000);
  expect(clock.pendingTimers).toBe(0);
});
