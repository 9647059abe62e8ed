import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEntryCodec } from '../../src/codec/entry-codec.ts';
import { jsonCodec, SerializationError } from '../../src/index.ts';
import { controllableStore, referenceStore } from '../../src/testing.ts';
import { Fleet, never, POLL } from '../tiered/fleet.ts';

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

describe('an entry found in a store', () => {
  it("is promoted for what is left of its life by the store's clock", async () => {
    await fleet.join({ ttl: 1000 }).cache.getOrSet('k', () => 'v');
    fleet.clock.advance(600);
    const { cache } = fleet.join({ ttl: '1h' });
    expect(await cache.getResult('k')).toMatchObject({ state: 'hit', tier: 'reference' });
    fleet.clock.advance(50);
    expect(await cache.getResult('k')).toMatchObject({ state: 'hit', tier: 'memory' });
    fleet.clock.advance(350);
    expect(await cache.getResult('k')).toMatchObject({ state: 'miss' });
  });

  it('lives no longer than was meant although the store says so', async () => {
    await fleet.join({ ttl: 1000 }).cache.getOrSet('k', () => 'v');
    fleet.backend.touch('k', Infinity);
    fleet.clock.advance(400);
    const { cache } = fleet.join();
    expect(await cache.get('k')).toBe('v');
    fleet.clock.advance(1000);
    expect(cache.getLocal('k')).toBeUndefined();
    expect((await cache.explain('k')).tiers[0]).toMatchObject({ present: false });
  });

  it('goes by the times of its envelope where the store cannot tell', async () => {
    await fleet.join({ ttl: 1000 }).cache.getOrSet('k', () => 'v');
    fleet.clock.advance(600);
    const { cache } = fleet.join({}, { remaining: false });
    const hit = await cache.getResult('k');
    expect(hit).toMatchObject({ state: 'hit', expiresAt: fleet.clock.epoch() + 400 });
  });

  it('that never expires stays so', async () => {
    await fleet.join({ ttl: Infinity }).cache.getOrSet('k', () => 'v');
    fleet.clock.advance(1e9);
    expect(await fleet.join().cache.getResult('k')).toMatchObject({
      state: 'hit',
      expiresAt: Infinity,
    });
  });

  it('is stale between its ttl and the end of staleWhileRevalidate', async () => {
    const options = { ttl: 1000, staleWhileRevalidate: 500 };
    await fleet.join(options).cache.getOrSet('k', () => 'v');
    fleet.clock.advance(1200);
    const { cache } = fleet.join(options);
    expect(await cache.getResult('k')).toMatchObject({ state: 'stale', value: 'v' });
    fleet.clock.advance(300);
    expect(await cache.getResult('k')).toMatchObject({ state: 'miss' });
  });

  it('is answered but not promoted when another instance deleted it meanwhile', async () => {
    const a = fleet.join();
    const b = fleet.join();
    await a.cache.getOrSet('k', () => 'old');
    const hold = b.store.hold({ operation: 'getMany', key: 'k', when: 'after' });
    const reading = b.cache.get('k');
    await hold.reached();
    await a.cache.delete('k');
    fleet.clock.advance(POLL);
    await b.cache.get('other');
    hold.release();
    expect(await reading).toBe('old');
    expect(await b.cache.get('k')).toBeUndefined();
  });

  it('is answered but not promoted while this process writes the key', async () => {
    const a = fleet.join();
    const b = fleet.join();
    await a.cache.getOrSet('k', () => 'old');
    await b.cache.get('x');
    const deleting = b.store.hold({ operation: 'deleteMany' });
    const removal = b.cache.delete('k');
    await deleting.reached();
    const reading = b.cache.get('k');
    await settle();
    deleting.release();
    await Promise.all([removal, reading]);
    expect(b.cache.getLocal('k')).toBeUndefined();
    expect(await b.cache.get('k')).toBeUndefined();
  });

  it('is copied into the stores before the one that had it', async () => {
    const far = fleet.join();
    await far.cache.getOrSet('k', () => 'v');
    const near = controllableStore(referenceStore({ name: 'near', conditional: false }));
    const own = controllableStore(referenceStore({ backend: fleet.backend, name: 'far' }));
    const { cache } = fleet.own({ memory: false, stores: [near, own] }, own);
    expect(await cache.getResult('k')).toMatchObject({ tier: 'far' });
    await settle();
    expect(await cache.getResult('k')).toMatchObject({ tier: 'near', value: 'v' });
  });

  it('tells as the reason of a miss that it is past its time or was invalidated', async () => {
    const { cache } = fleet.join({ ttl: 1000 });
    expect(await cache.getResult('k')).toMatchObject({ reason: 'absent' });
    await cache.getOrSet('k', () => 'v', { tags: ['t'] });
    const other = fleet.join();
    await other.cache.invalidateTags(['t']);
    expect(await fleet.join().cache.getResult('k')).toMatchObject({ reason: 'invalidated' });
  });
});

describe('bytes that are not an entry', () => {
  const write = (key: string, bytes: Uint8Array): void => {
    fleet.backend.put(key, bytes, Infinity);
  };
  const foreign = (): Uint8Array => Buffer.from('something else');
  const damaged = async (): Promise<Uint8Array> => {
    await fleet.join().cache.getOrSet('k', () => 'v');
    const bytes = fleet.backend.entry('k')?.bytes ?? never();
    bytes.set([(bytes.at(-8) ?? 0) ^ 0xff], bytes.length - 8);
    return bytes;
  };
  const otherCodec = async (): Promise<Uint8Array> =>
    createEntryCodec({ codec: { ...jsonCodec, id: 99, name: 'other' } }).encode('k', 'v', {
      created: 0,
      freshUntil: Infinity,
      staleUntil: Infinity,
      ledgerId: fleet.backend.ledger.id,
      asOf: 0,
      tags: [],
    });

  it.each([
    ['foreign', foreign],
    ['damaged', damaged],
    ['of another codec', otherCodec],
  ])(
    '(%s) are a miss, an event that names the key, and replaced by the next load',
    async (...args) => {
      write('k', await args[1]());
      const { cache, errors } = fleet.join();
      expect(await cache.get('k')).toBeUndefined();
      expect(errors).toMatchObject([
        {
          operation: 'decode',
          store: 'reference',
          key: 'k',
          error: expect.any(SerializationError),
        },
      ]);
      expect(cache.stats().tiers[1]).toMatchObject({ damaged: 1, hits: 0 });
      expect(await cache.getOrSet('k', () => 'healed')).toBe('healed');
      expect(await fleet.join().cache.get('k')).toBe('healed');
    },
  );

  it('cannot be decoded: a miss as well, and the load replaces them', async () => {
    let broken = true;
    const codec = {
      id: 201,
      name: 'moody',
      encode: (value: unknown) => Buffer.from(String(value)),
      decode: (bytes: Uint8Array): unknown => {
        if (broken) throw new Error('not today');
        return Buffer.from(bytes).toString();
      },
    };
    await fleet.join({ codec }).cache.set('k', 'v');
    const { cache, errors } = fleet.join({ codec });
    expect(await cache.get('k')).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(await cache.getOrSet('k', () => 'new')).toBe('new');
    broken = false;
    expect(await fleet.join({ codec }).cache.get('k')).toBe('new');
  });
});

describe('a store in trouble', () => {
  it('is a miss and an event, and the caller gets what the loader returns', async () => {
    const { cache, store, errors } = fleet.join();
    store.fail('getMany', new Error('down'));
    expect(await cache.getOrSet('k', () => 'v')).toBe('v');
    expect(errors[0]).toMatchObject({ operation: 'getMany', store: 'reference' });
  });

  it('does not answer for entries when its ledger does not', async () => {
    const { cache } = fleet.join();
    await cache.getOrSet('k', () => 'v');
    const other = fleet.join();
    other.store.fail('delta', new Error('down'));
    expect(await other.cache.get('k')).toBeUndefined();
  });
});
