import { createDeferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCache, type TieredCache, type TieredCacheOptions } from '../../src/index.ts';
import {
  controllableStore,
  createReferenceBackend,
  referenceStore,
  type ControllableStore,
  type ReferenceBackend,
} from '../../src/testing.ts';
import { interleavings } from './interleavings.ts';

/** Longer than the default poll interval: what another instance invalidated is known after it. */
const POLL = 101;

interface Instance {
  readonly cache: TieredCache<string>;
  readonly store: ControllableStore;
}

let clock: ManualClock;
let backend: ReferenceBackend;
let instances: Instance[];

beforeEach(() => {
  clock = new ManualClock();
  backend = createReferenceBackend({ clock });
  instances = [];
});
afterEach(async () => {
  for (const { store } of instances) {
    store.heal();
    store.thaw();
  }
  await Promise.all(instances.map(({ cache }) => cache.close()));
});

/** One more process on the shared store. */
function join(options: TieredCacheOptions<string> = {}): Instance {
  const store = controllableStore(referenceStore({ backend }));
  const cache = createCache<string>({ ttl: '1h', ...options, stores: [store], clock });
  const instance = { cache, store };
  instances.push(instance);
  return instance;
}

const never = (): string => {
  throw new Error('the loader must not be called');
};

describe('1: a read that begins after a delete resolved never gets the older value of a flight', () => {
  test('on the issuer', async () => {
    const { cache } = join();
    const old = createDeferred<string>();
    const early = cache.getOrSet('k', () => old.promise);
    await settle();
    await cache.delete('k');
    const late = cache.getOrSet('k', () => 'new');
    old.resolve('old');
    expect(await early).toBe('old');
    expect(await late).toBe('new');
    expect(await cache.getOrSet('k', never)).toBe('new');
  });

  test('on a peer once it has heard', async () => {
    const a = join();
    const b = join();
    const old = createDeferred<string>();
    const early = b.cache.getOrSet('k', () => old.promise);
    await settle();
    await a.cache.delete('k');
    clock.advance(POLL);
    await b.cache.get('other');
    const late = b.cache.getOrSet('k', () => 'new');
    old.resolve('old');
    expect(await early).toBe('old');
    expect(await late).toBe('new');
  });
});

test('2: a flight that began between a delete and its application does not put the old value back', async () => {
  const { cache, store } = join({ memory: {} });
  await cache.set('k', 'old');
  const deletion = store.hold({ operation: 'deleteMany', overtaken: true });
  const deleted = cache.delete('k');
  await deletion.reached();
  // The delete has not been applied: the store still answers with the old value, which is allowed.
  expect(await cache.getOrSet('k', () => 'new')).toBe('old');
  expect(cache.getLocal('k')).toBeUndefined();
  deletion.release();
  await deleted;
  expect(await cache.getOrSet('k', () => 'new')).toBe('new');
  expect(cache.getLocal('k')).toBe('new');
});

describe('3: a store read that crosses a delete', () => {
  test('is answered but not kept when its reply comes after', async () => {
    const { cache, store } = join();
    await join().cache.set('k', 'old');
    const read = store.hold({ operation: 'getMany', when: 'after', times: 1 });
    const reading = cache.get('k');
    await read.reached();
    await cache.delete('k');
    read.release();
    expect(await reading).toBe('old');
    expect(cache.getLocal('k')).toBeUndefined();
  });

  test('is kept, then dropped, when its reply comes before', async () => {
    const { cache } = join();
    await cache.get('other');
    await join().cache.set('k', 'old');
    await cache.get('other');
    expect(await cache.get('k')).toBe('old');
    expect(cache.getLocal('k')).toBe('old');
    await cache.delete('k');
    expect(cache.getLocal('k')).toBeUndefined();
  });
});

test('4: a tag learnt late: who waited before the invalidation gets the value, who came after loads anew', async () => {
  const { cache } = join();
  const old = createDeferred();
  let loads = 0;
  const load = async ({ tag }: { tag: (name: string) => void }): Promise<string> => {
    const mine = ++loads;
    if (mine === 1) await old.promise;
    tag('x');
    return `v${mine}`;
  };
  const early = cache.getOrSet('k', load);
  await settle();
  await cache.invalidateTags(['x']);
  const late = cache.getOrSet('k', load);
  await settle();
  expect(loads).toBe(1);
  old.resolve();
  expect(await early).toBe('v1');
  expect(await late).toBe('v2');
  expect(await join().cache.get('k')).toBe('v2');
});

describe('5: a holder that loads the old value while another instance changes the key', () => {
  test.each([
    ['delete', async ({ cache }: Instance) => void (await cache.delete('k'))],
    ['set', async ({ cache }: Instance) => void (await cache.set('k', 'new'))],
    [
      'writeThrough',
      async ({ cache }: Instance) => void (await cache.writeThrough('k', async () => 'new')),
    ],
  ])('%s: its fill is refused and its memory stays empty', async (name, change) => {
    const holder = join();
    const other = join();
    const old = createDeferred<string>();
    const loading = holder.cache.getOrSet('k', () => old.promise);
    await settle();
    expect(backend.ticketOf('k')).toBeDefined();
    await change(other);
    expect(backend.ticketOf('k')).toBeUndefined();
    old.resolve('old');
    expect(await loading).toBe('old');
    expect(holder.cache.getLocal('k')).toBeUndefined();
    expect(await join().cache.get('k')).toBe(name === 'delete' ? undefined : 'new');
  });
});

test('6: an invalidated value that is physically there is loaded anew exactly once in a fleet of three', async () => {
  const fleet = [join(), join(), join()] as const;
  await fleet[0].cache.set('k', 'old', { tags: ['x'] });
  await fleet[0].cache.invalidateTags(['x']);
  expect(backend.keys).toContain('k');
  clock.advance(POLL);
  let loads = 0;
  const reads = Promise.all(
    fleet.map(({ cache }) =>
      cache.getOrSet('k', async () => {
        loads++;
        await settle();
        return 'new';
      }),
    ),
  );
  for (let step = 0; step < 10; step++) await clock.advanceAsync(100);
  expect(await reads).toEqual(['new', 'new', 'new']);
  expect(loads).toBe(1);
});

describe('7: a refresh after a soft invalidation', () => {
  test('serves the stale value meanwhile and ends with another one', async () => {
    const { cache } = join({ staleWhileRevalidate: '1m' });
    const peer = join({ staleWhileRevalidate: '1m' });
    await cache.set('k', 'old', { tags: ['x'] });
    await cache.invalidateTags(['x'], { keep: 'stale' });
    const loaded = createDeferred<string>();
    const stale = await cache.getOrSetResult('k', () => loaded.promise);
    expect(stale).toMatchObject({ state: 'stale', value: 'old' });
    loaded.resolve('new');
    await settle();
    expect(await cache.getOrSetResult('k', never)).toMatchObject({ state: 'hit', value: 'new' });
    expect(await peer.cache.get('k')).toBe('new');
  });

  test('is beaten by a hard one', async () => {
    const { cache } = join({ staleWhileRevalidate: '1m' });
    await cache.set('k', 'old', { tags: ['x'] });
    await cache.invalidateTags(['x'], { keep: 'stale' });
    await cache.invalidateTags(['x']);
    expect(await cache.get('k')).toBeUndefined();
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
  });

  test('that began before a hard one stores nothing that is served', async () => {
    const { cache } = join({ staleWhileRevalidate: '1m' });
    await cache.set('k', 'old', { tags: ['x'] });
    await cache.invalidateTags(['x'], { keep: 'stale' });
    const loaded = createDeferred<string>();
    expect(await cache.getOrSet('k', () => loaded.promise, { tags: ['x'] })).toBe('old');
    await cache.invalidateTags(['x']);
    loaded.resolve('between');
    await settle();
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
  });
});

describe('13: a delete that did not get through', () => {
  const down = new Error('down');

  test('is reported as queued, and its own reads go past the store until it has been repeated', async () => {
    const { cache, store } = join();
    await cache.set('k', 'old');
    store.fail('deleteMany', down);
    expect(await cache.delete('k')).toEqual({ local: true, stores: 'queued', bus: 'none' });
    store.forgetCalls();
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
    expect(store.callsOf('getMany')).toEqual([]);
    expect(cache.stats().tiers[1]).toMatchObject({ pending: 1 });
    await clock.advanceAsync(2000);
    expect(cache.stats().tiers[1]).toMatchObject({ pending: 0 });
    expect(backend.keys).toEqual([]);
    expect(await cache.getOrSet('k', () => 'newer')).toBe('newer');
    expect(await join().cache.get('k')).toBe('newer');
  });

  test('makes a later write of the key wait behind it', async () => {
    const { cache, store } = join();
    await cache.set('k', 'old');
    store.fail('deleteMany', down);
    await cache.delete('k');
    expect(await cache.set('k', 'new')).toMatchObject({ stores: 'queued' });
    expect(store.callsOf('setMany')).toHaveLength(1);
    expect(cache.getLocal('k')).toBe('new');
    await clock.advanceAsync(2000);
    expect(store.callsOf('setMany')).toHaveLength(1);
    expect(backend.keys).toEqual([]);
    expect(cache.getLocal('k')).toBeUndefined();
  });

  test('does not use the reply of a read sent before it', async () => {
    const { cache, store } = join();
    await join().cache.set('k', 'old');
    const read = store.hold({ operation: 'getMany', when: 'after', times: 1 });
    const reading = cache.get('k');
    await read.reached();
    store.fail('deleteMany', down);
    await cache.delete('k');
    read.release();
    expect(await reading).toBeUndefined();
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
  });

  test('collapses with too many others to one clear', async () => {
    const { cache, store } = join();
    await cache.set('untouched', 'value');
    store.fail('deleteMany', down);
    await cache.delete('k');
    const keys = Array.from({ length: 10_001 }, (_, index) => `k${index}`);
    expect(await cache.deleteMany(keys)).toMatchObject({ stores: 'queued' });
    expect(cache.stats().tiers[1]).toMatchObject({ pending: 1 });
    await clock.advanceAsync(2000);
    expect(store.callsOf('clear')).toHaveLength(1);
    expect(backend.keys).toEqual([]);
  });
});

describe('14: an issuer that dies', () => {
  test('between the delete and its reply leaves no old value', async () => {
    const issuer = join();
    const peer = join();
    await issuer.cache.set('k', 'old');
    const reply = issuer.store.hold({ operation: 'deleteMany', when: 'after', onAbort: 'ignore' });
    void issuer.cache.delete('k');
    await reply.reached();
    expect(backend.keys).toEqual([]);
    expect(await peer.cache.getOrSet('k', () => 'new')).toBe('new');
    reply.release();
  });

  test('between the commit of a writeThrough and its fill leaves no old value, and the key can be loaded', async () => {
    const issuer = join();
    const peer = join({ leaseWait: '1s' });
    await issuer.cache.set('k', 'old');
    const fill = issuer.store.hold({ operation: ['settle', 'renewMany'], onAbort: 'ignore' });
    void issuer.cache.writeThrough('k', async () => 'new');
    await fill.reached();
    const reading = peer.cache.getOrSet('k', () => 'new');
    for (let step = 0; step < 20; step++) await clock.advanceAsync(100);
    expect(await reading).toBe('new');
    fill.release();
  });
});

describe('15: concurrent writers of one key', () => {
  // begin, commit and settle of two writers: 6 steps, 20 orders.
  test.each(interleavings(3, 3))(
    'two writeThroughs in the order %s agree with the database',
    async (order) => {
      let database = 'old';
      const writers = ['A', 'B'].map((name) => {
        const instance = join();
        const begin = instance.store.hold({ operation: 'begin', times: 1, onAbort: 'ignore' });
        const commit = createDeferred();
        const settleHold = instance.store.hold({
          operation: 'settle',
          times: 1,
          onAbort: 'ignore',
        });
        const done = instance.cache.writeThrough('k', async () => {
          await commit.promise;
          database = name;
          return name;
        });
        return {
          steps: [() => begin.release(), () => commit.resolve(), () => settleHold.release()],
          done,
        };
      });
      await settle();
      for (const name of order) {
        const writer = writers[name === 'A' ? 0 : 1];
        writer?.steps.shift()?.();
        await settle();
      }
      await Promise.all(writers.map(({ done }) => done));
      clock.advance(POLL);
      for (const { cache } of instances) {
        expect(await cache.getOrSet('k', () => database)).toBe(database);
      }
    },
  );

  test('a delete during a writeThrough wins over its fill', async () => {
    const writer = join();
    const other = join();
    const commit = createDeferred();
    const writing = writer.cache.writeThrough('k', async () => {
      await commit.promise;
      return 'written';
    });
    await settle();
    await other.cache.delete('k');
    commit.resolve();
    expect(await writing).toBe('written');
    expect(backend.keys).toEqual([]);
    expect(writer.cache.getLocal('k')).toBeUndefined();
  });

  test('a load that began before a writeThrough is stored nowhere', async () => {
    const loader = join();
    const writer = join();
    const old = createDeferred<string>();
    const loading = loader.cache.getOrSet('k', () => old.promise);
    await settle();
    await writer.cache.writeThrough('k', async () => 'new');
    old.resolve('old');
    expect(await loading).toBe('old');
    expect(loader.cache.getLocal('k')).toBeUndefined();
    expect(await loader.cache.get('k')).toBe('new');
  });
});
