import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BusFleet, type BusInstance } from './bus-fleet.ts';
import { interleavings } from './interleavings.ts';

/** The numbered scenarios of writes that fail, cross each other or are cut off, with a bus. */

let fleet: BusFleet;
let a: BusInstance;
let b: BusInstance;
beforeEach(async () => {
  fleet = new BusFleet();
  [a, b] = (await fleet.settled(2, { leaseWait: '1s' }, { severs: true })) as [
    BusInstance,
    BusInstance,
  ];
});
afterEach(() => fleet.close());

const down = new Error('down');

describe('12: a set whose answer does not come in time', () => {
  test('is never applied behind the delete in its place and newer writes: it is severed', async () => {
    const late = a.store.hold({
      operation: 'setMany',
      times: 1,
      onAbort: 'land',
      overtaken: true,
    });
    const setting = a.cache.set('k', 'old');
    await late.reached();
    await fleet.clock.advanceAsync(1000);
    expect(await setting).toEqual({ local: true, stores: 'queued', bus: 'queued' });
    expect(a.store.callsOf('sever')).toHaveLength(1);
    await a.cache.delete('k');
    late.release();
    await settle();
    expect([fleet.backend.keys, await b.cache.get('k')]).toEqual([[], undefined]);
  });

  test('that cannot be severed is overwritten once more a minute later, and health says so', async () => {
    const c = fleet.join({}, { severs: false });
    const late = c.store.hold({ operation: 'setMany', times: 1, onAbort: 'land', overtaken: true });
    const setting = c.cache.set('k', 'old');
    await late.reached();
    await fleet.clock.advanceAsync(1000);
    await setting;
    const [status] = (await c.cache.health()).stores;
    expect(status).toMatchObject({ pending: 0, unsevered: 1 });
    late.release();
    await settle();
    expect(await b.cache.get('k')).toBe('old');
    Object.assign(c.store, { sever: async () => true });
    await fleet.clock.advanceAsync(60_000);
    expect(await b.cache.get('k')).toBeUndefined();
    expect((await c.cache.health()).stores[0]).toMatchObject({ unsevered: 0 });
  });
});

describe('13: a delete that did not get through', () => {
  test('is queued on the bus too; others hear of it when it is repeated', async () => {
    await a.cache.set('k', 'old');
    await b.cache.get('k');
    a.store.fail('deleteMany', down);
    expect(await a.cache.delete('k')).toEqual({ local: true, stores: 'queued', bus: 'queued' });
    a.store.forgetCalls();
    expect(await a.cache.getOrSet('k', () => 'new')).toBe('new');
    expect(a.store.callsOf('getMany')).toEqual([]);
    expect(b.cache.getLocal('k')).toBe('old');
    await fleet.clock.advanceAsync(1000);
    expect(b.cache.getLocal('k')).toBeUndefined();
    expect(await b.cache.get('k')).toBeUndefined();
  });

  test('makes a later write wait behind it', async () => {
    await a.cache.set('k', 'old');
    a.store.fail('deleteMany', down);
    await a.cache.delete('k');
    a.store.forgetCalls();
    expect(await a.cache.set('k', 'new')).toMatchObject({ stores: 'queued', bus: 'queued' });
    expect(a.store.callsOf('setMany')).toEqual([]);
  });

  test('collapses with too many others to one clear, which the others hear of by the ledger', async () => {
    await a.cache.set('untouched', 'value');
    await b.cache.get('untouched');
    a.store.fail('deleteMany', down);
    await a.cache.delete('k');
    await a.cache.deleteMany(Array.from({ length: 10_001 }, (_, index) => `k${index}`));
    await fleet.clock.advanceAsync(2000);
    expect(a.store.callsOf('clear')).toHaveLength(1);
    expect([fleet.backend.keys, b.cache.getLocal('untouched')]).toEqual([[], undefined]);
  });
});

describe('14: an issuer that dies', () => {
  test('between the delete and its reply leaves no old value, in no memory', async () => {
    await a.cache.set('k', 'old');
    await b.cache.get('k');
    const reply = a.store.hold({ operation: 'deleteMany', when: 'after', onAbort: 'ignore' });
    void a.cache.delete('k');
    await reply.reached();
    a.bus.cut();
    expect([fleet.backend.keys, b.cache.getLocal('k')]).toEqual([[], undefined]);
    reply.release();
  });

  test('between the commit of a writeThrough and its fill leaves no old value, and the key can be loaded', async () => {
    await a.cache.set('k', 'old');
    await b.cache.get('k');
    const fill = a.store.hold({ operation: ['settle', 'renewMany'], onAbort: 'ignore' });
    void a.cache.writeThrough('k', async () => 'new');
    await fill.reached();
    a.bus.cut();
    expect(b.cache.getLocal('k')).toBeUndefined();
    const reading = b.cache.getOrSet('k', () => 'new');
    await fleet.clock.advanceAsync(2000);
    expect(await reading).toBe('new');
    fill.release();
  });
});

describe('15: concurrent writers of one key', () => {
  test.each(interleavings(3, 3))(
    'two writeThroughs in the order %s agree with the database in every memory',
    async (order) => {
      let database = 'old';
      await b.cache.getOrSet('k', () => database);
      const writers = [a, fleet.join()].map(({ cache, store }, index) => {
        const begin = store.hold({ operation: 'begin', times: 1, onAbort: 'ignore' });
        const end = store.hold({ operation: 'settle', times: 1, onAbort: 'ignore' });
        const commit = createDeferred();
        const name = `writer ${index}`;
        const done = cache.writeThrough('k', async () => {
          await commit.promise;
          database = name;
          return name;
        });
        const steps = [() => begin.release(), () => commit.resolve(), () => end.release()];
        return { steps, done };
      });
      await settle();
      for (const name of order) {
        writers[name === 'A' ? 0 : 1]?.steps.shift()?.();
        await settle();
      }
      await Promise.all(writers.map(({ done }) => done));
      for (const { cache } of fleet.instances) {
        expect(await cache.getOrSet('k', () => database)).toBe(database);
      }
    },
  );

  test('a delete elsewhere during a writeThrough wins over its fill', async () => {
    const commit = createDeferred();
    const writing = a.cache.writeThrough('k', async () => {
      await commit.promise;
      return 'written';
    });
    await settle();
    await b.cache.delete('k');
    commit.resolve();
    expect(await writing).toBe('written');
    expect([fleet.backend.keys, a.cache.getLocal('k')]).toEqual([[], undefined]);
  });
});

describe('21: a holder that is gone', () => {
  test('is taken over once after leaseWait in a fleet of five; its late fill is refused; nobody hangs', async () => {
    const others = [b, ...(await fleet.settled(3, { leaseWait: '1s' }))];
    const loaded = createDeferred<string>();
    const renew = a.store.hold({ operation: 'renewMany', onAbort: 'ignore' });
    const holding = a.cache.getOrSet('k', () => loaded.promise);
    await settle();
    let loads = 0;
    const reading = Promise.all(
      others.map(({ cache }) =>
        cache.getOrSet('k', async () => {
          loads++;
          await settle();
          return 'new';
        }),
      ),
    );
    await fleet.clock.advanceAsync(1500);
    expect([await reading, loads]).toEqual([['new', 'new', 'new', 'new'], 1]);
    loaded.resolve('late');
    expect(await holding).toBe('late');
    expect([await b.cache.get('k'), a.cache.getLocal('k')]).toEqual(['new', undefined]);
    renew.release();
  });

  test('whose loader fails gives the ticket back, and who waits is woken at once', async () => {
    const loading = createDeferred<string>();
    const failing = a.cache.getOrSet('k', () => loading.promise);
    await settle();
    const waiting = b.cache.getOrSet('k', () => 'value');
    await settle();
    loading.reject(new Error('cannot load'));
    await expect(failing).rejects.toThrow('cannot load');
    for (let turn = 0; turn < 5; turn++) await settle();
    expect(await waiting).toBe('value');
  });
});

describe('22: an eviction during a load', () => {
  const steps = ['getMany', 'ticketMany', 'fillMany'] as const;
  const cases = steps.flatMap((operation) =>
    (['before', 'after'] as const).flatMap((when) =>
      (['value', 'ticket'] as const).map((what) => [operation, when, what] as const),
    ),
  );

  test.each(cases)('%s, %s it, of the %s costs one more load at most', async (...args) => {
    const [operation, when, what] = args;
    let database = 'old';
    let loads = 0;
    const load = async (): Promise<string> => {
      loads++;
      return database;
    };
    const hold = b.store.hold({ operation, when, times: 1, onAbort: 'ignore' });
    const reading = b.cache.getOrSet('k', load);
    await hold.reached();
    if (what === 'value') fleet.backend.evict('k');
    else fleet.backend.removeTicket('k');
    hold.release();
    expect(await reading).toBe('old');
    expect(await a.cache.getOrSet('k', load)).toBe('old');
    expect(loads).toBeLessThanOrEqual(2);
    database = 'new';
    await a.cache.delete('k');
    for (const { cache } of [a, b]) expect(await cache.getOrSet('k', load)).toBe('new');
  });
});
