import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BusFleet, type BusInstance } from './bus-fleet.ts';
import { never } from './fleet.ts';

let fleet: BusFleet;
let one: BusInstance;

beforeEach(async () => {
  fleet = new BusFleet();
  [one] = (await fleet.settled(1)) as [BusInstance];
  await one.cache.set('k', 'v');
  one.store.forgetCalls();
});
afterEach(() => fleet.close());

/** Which calls were sent before any of them was answered. */
async function sentTogether(reading: () => Promise<unknown>): Promise<readonly string[]> {
  const hold = one.store.hold({ operation: 'delta', when: 'before' });
  one.store.forgetCalls();
  const read = reading();
  await hold.reached();
  await settle();
  const sent = one.store.calls.map(({ operation }) => operation).toSorted();
  hold.release();
  expect(await read).toBe('v');
  expect(one.store.calls).toHaveLength(sent.length);
  return sent;
}

describe('an entry in memory that only a store can prove', () => {
  it('is looked for there at once, with the ledger beside it, at its first use after a gap', async () => {
    one.bus.cut();
    one.bus.restore();
    await settle();
    expect(await sentTogether(() => one.cache.get('k'))).toEqual(['delta', 'getMany']);
    // Proved, it costs nothing.
    one.store.forgetCalls();
    expect(await one.cache.getOrSet('k', never)).toBe('v');
    expect(one.store.calls).toEqual([]);
  });

  it('is so at each use while nothing is heard', async () => {
    one.bus.cut();
    await settle();
    for (const read of [
      () => one.cache.get('k'),
      () => one.cache.getOrSet('k', never),
      async () => (await one.cache.getMany(['k'])).get('k'),
    ]) {
      expect(await sentTogether(read)).toEqual(['delta', 'getMany']);
    }
  });

  it('is served all the same, for a while, by the first reader who finds the store out of reach', async () => {
    one.bus.cut();
    await settle();
    one.store.fail(undefined, new Error('down'), { times: Infinity });
    one.store.fail('health', new Error('down'), { times: Infinity });
    expect(await one.cache.getOrSet('k', never)).toBe('v');
    expect(await one.cache.get('k')).toBe('v');
  });
});
