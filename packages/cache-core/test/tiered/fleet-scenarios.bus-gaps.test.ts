import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BusFleet, SILENCE, type BusInstance } from './bus-fleet.ts';
import { never } from './fleet.ts';

/** The numbered scenarios of messages, ledgers and connections that are lost. */

let fleet: BusFleet;
let a: BusInstance;
let b: BusInstance;
beforeEach(async () => {
  fleet = new BusFleet();
  [a, b] = (await fleet.settled(2)) as [BusInstance, BusInstance];
});
afterEach(() => fleet.close());

const down = new Error('down');

/** Puts the value in the memory of both. */
async function share(key = 'k', tags: readonly string[] = []): Promise<void> {
  await a.cache.set(key, 'old', { tags });
  await b.cache.get(key);
  expect(b.cache.getLocal(key)).toBe('old');
  b.store.forgetCalls();
}

function takeStoreAway({ store }: BusInstance): void {
  store.fail(undefined, down, { times: Infinity });
  store.fail('health', down, { times: Infinity });
}

test('a hit in memory costs nothing, however long nothing happens', async () => {
  await share();
  for (let second = 0; second < 60; second++) {
    await fleet.clock.advanceAsync(1000);
    expect(b.cache.getLocal('k')).toBe('old');
  }
  expect(b.store.calls).toEqual([]);
});

describe('8: a bump that was lost, and the next one heard', () => {
  test('memory serves nothing until the delta has come, which has both', async () => {
    await share('k', ['x']);
    b.bus.lose();
    await a.cache.invalidateTags(['x']);
    expect(b.cache.getLocal('k')).toBe('old');
    const delta = b.store.hold({ operation: 'delta' });
    await a.cache.invalidateTags(['y']);
    expect(b.cache.getLocal('k')).toBeUndefined();
    delta.release();
    expect(await b.cache.get('k')).toBeUndefined();
  });

  test('is learnt from the next beat where none is heard', async () => {
    await share('k', ['x']);
    b.bus.lose();
    await a.cache.invalidateTags(['x']);
    await fleet.clock.advanceAsync(1250);
    expect(b.cache.getLocal('k')).toBeUndefined();
    expect(await b.cache.get('k')).toBeUndefined();
  });
});

test('9: bumps heard in any order, and twice, invalidate what they say', async () => {
  await share('k', ['x']);
  await share('l', ['y']);
  await share('m', ['z']);
  b.bus.hold();
  await a.cache.invalidateTags(['x']);
  await a.cache.invalidateTags(['y']);
  b.bus.release((held) => [...held.toReversed(), ...held]);
  await settle();
  expect(['k', 'l', 'm'].map((key) => b.cache.getLocal(key))).toEqual([
    undefined,
    undefined,
    'old',
  ]);
});

describe('10: a ledger that is lost alone', () => {
  test('lets everything miss, and a load that was under way stays a miss', async () => {
    await share('k', ['x']);
    const loaded = createDeferred<string>();
    const loading = b.cache.getOrSet('l', () => loaded.promise);
    await settle();
    fleet.backend.loseLedger();
    await a.cache.invalidateTags(['other']);
    await settle();
    loaded.resolve('value');
    expect(await loading).toBe('value');
    for (const { cache } of [a, b]) {
      expect([await cache.get('k'), await cache.get('l')]).toEqual([undefined, undefined]);
    }
  });

  test('is one ledger again, whoever makes it', async () => {
    fleet.backend.loseLedger();
    await Promise.all([a.cache.invalidateTags(['x']), b.cache.invalidateTags(['y'])]);
    await a.cache.set('k', 'value', { tags: ['x', 'y'] });
    expect(await b.cache.get('k')).toBe('value');
    await b.cache.invalidateTags(['y']);
    expect(await a.cache.get('k')).toBeUndefined();
  });
});

test('11: a ledger rolled back to an older copy is noticed; nothing that was invalidated comes back', async () => {
  await share('k', ['x']);
  const restore = fleet.snapshot(['k']);
  await a.cache.invalidateTags(['x']);
  restore();
  fleet.clock.setEpoch(0);
  expect(await b.cache.get('k')).toBeUndefined();
  await fleet.clock.advanceAsync(1250);
  expect(await fleet.join().cache.get('k')).toBeUndefined();
});

describe('16: deaf', () => {
  test('after a disconnect every read asks the store, and a delete meanwhile is seen', async () => {
    await share();
    b.bus.cut();
    for (let read = 0; read < 3; read++) expect(await b.cache.get('k')).toBe('old');
    expect(b.store.callsOf('getMany')).toHaveLength(3);
    await a.cache.delete('k');
    expect(await b.cache.get('k')).toBeUndefined();
  });

  test('a read that is under way across delete and reconnection is not kept', async () => {
    await share();
    b.bus.cut();
    const read = b.store.hold({ operation: 'getMany', when: 'after', times: 1 });
    const reading = b.cache.get('k');
    await read.reached();
    await a.cache.delete('k');
    b.bus.restore();
    read.release();
    expect(await reading).toBe('old');
    await settle();
    expect(b.cache.getLocal('k')).toBeUndefined();
    expect(await b.cache.get('k')).toBeUndefined();
  });

  test('a black hole is noticed within three seconds, and another connection is asked for', async () => {
    await share();
    b.bus.blackHole();
    await a.cache.delete('k');
    await fleet.clock.advanceAsync(3001);
    expect(b.cache.getLocal('k')).toBeUndefined();
    expect(await b.cache.get('k')).toBeUndefined();
    expect(b.bus.reconnects).toBe(1);
    expect((await b.cache.health()).bus).toMatchObject({ connected: true });
  });

  test('an entry that the store still has is proved by one read, not decoded or loaded again', async () => {
    const value = 'old';
    await share();
    b.bus.cut();
    b.bus.restore();
    await settle();
    expect(await b.cache.getOrSet('k', never)).toBe(value);
    b.store.forgetCalls();
    expect(await b.cache.get('k')).toBe(value);
    expect(b.store.calls).toEqual([]);
  });

  test('a message of a version that is not known is a gap', async () => {
    await share();
    fleet.hub.publish('channel', '2 gone somebody');
    expect(b.cache.getLocal('k')).toBeUndefined();
    expect(await b.cache.get('k')).toBe('old');
  });
});

describe('17: a publisher that ends after a message that was lost', () => {
  test('without a goodbye is a gap within three seconds', async () => {
    await share();
    b.bus.lose();
    await a.cache.delete('k');
    a.bus.cut();
    await fleet.clock.advanceAsync(3001);
    expect(await b.cache.get('k')).toBeUndefined();
  });

  test('tells its last number in its goodbye', async () => {
    await share();
    b.bus.lose();
    await a.cache.delete('k');
    await a.cache.close();
    await fleet.clock.advanceAsync(500);
    expect(await b.cache.get('k')).toBeUndefined();
  });

  test('with a goodbye and nothing lost is no gap', async () => {
    await share();
    const { gaps } = b.cache.stats();
    await a.cache.close();
    await fleet.clock.advanceAsync(10_000);
    expect(b.cache.stats().gaps).toBe(gaps);
    expect(b.cache.getLocal('k')).toBe('old');
  });
});

describe('18: the store is down', () => {
  test('and the bus is not: memory serves what nobody has changed', async () => {
    await share();
    takeStoreAway(b);
    await b.cache.get('another');
    await fleet.clock.advanceAsync(60_000);
    expect(b.cache.getLocal('k')).toBe('old');
    await a.cache.delete('k');
    expect(b.cache.getLocal('k')).toBeUndefined();
  });

  test('and the bus as well: memory serves for as long as is said, counted from the last contact', async () => {
    const c = fleet.join({ isolated: { serve: '10s' } });
    await fleet.clock.advanceAsync(SILENCE + 1000);
    await c.cache.getOrSet('k', () => 'old');
    await fleet.clock.advanceAsync(60_000);
    takeStoreAway(c);
    await c.cache.get('another');
    c.bus.cut();
    // A gap may have begun three seconds before it was noticed.
    await fleet.clock.advanceAsync(7000);
    expect(await c.cache.get('k')).toBe('old');
    await fleet.clock.advanceAsync(1);
    expect(await c.cache.get('k')).toBeUndefined();
  });

  test('and loads go on, no more at once than ever; what they bring is kept by its own clock', async () => {
    const c = fleet.join({ isolated: { serve: '10s' }, loadConcurrency: 2, memory: {} });
    takeStoreAway(c);
    c.bus.cut();
    await settle();
    let running = 0;
    let most = 0;
    const load = async ({ key }: { readonly key: string }): Promise<string> => {
      most = Math.max(most, ++running);
      await settle();
      running--;
      return key;
    };
    const keys = Array.from({ length: 10 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => c.cache.getOrSet(key, load)));
    expect(most).toBe(2);
    await fleet.clock.advanceAsync(10_000);
    expect(await c.cache.get('key 1')).toBe('key 1');
    await fleet.clock.advanceAsync(1);
    expect(await c.cache.get('key 1')).toBeUndefined();
  });
});

test('13: after a gap that finds the store empty, no more loads run at once than ever', async () => {
  const c = fleet.join({ loadConcurrency: 3 });
  const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);
  for (const key of keys) await c.cache.getOrSet(key, () => 'value');
  for (const key of keys) fleet.backend.evict(key);
  c.bus.cut();
  c.bus.restore();
  await settle();
  let running = 0;
  let most = 0;
  let loads = 0;
  const load = async (): Promise<string> => {
    loads++;
    most = Math.max(most, ++running);
    await settle();
    running--;
    return 'anew';
  };
  const readers = keys.flatMap((key) => [key, key, key]);
  const values = await Promise.all(readers.map((key) => c.cache.getOrSet(key, load)));
  expect([new Set(values), loads, most]).toEqual([new Set(['anew']), 50, 3]);
});
