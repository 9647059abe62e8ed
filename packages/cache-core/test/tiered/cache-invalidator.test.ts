import { ConfigError } from '@perf/core';
import { settle } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controllableStore, createReferenceBackend, referenceStore } from '../../src/testing.ts';
import { Fleet, never, POLL, type Instance } from './fleet.ts';

const APPLIED = { local: true, stores: 'applied', bus: 'none' };

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet.close());

async function fill({ cache }: Instance<string>): Promise<void> {
  await cache.set('user:1', 'Ann', { tags: ['users', 'a'] });
  await cache.set('user:2', 'Bob', { tags: ['users'] });
  await cache.set('town:1', 'Rome', { tags: ['towns'] });
}

const ALL = ['user:1', 'user:2', 'town:1'];
const keysIn = async ({ cache }: Instance<string>): Promise<string[]> => [
  ...(await cache.getMany(ALL)).keys(),
];

const KINDS = [
  ['with a ledger', { conditional: true }],
  ['without a ledger', { conditional: false }],
] as const;

describe.each(KINDS)('on a store %s', (_, options) => {
  const join = (): Instance<string> => fleet.join({}, options);

  it('a tag takes the entries that carry it, in memory and in the store', async () => {
    const one = join();
    await fill(one);
    expect(await one.cache.invalidateTags(['a', 'unknown'])).toEqual(APPLIED);
    expect(await keysIn(one)).toEqual(['user:2', 'town:1']);
    expect(await keysIn(join())).toEqual(['user:2', 'town:1']);
  });

  it('a pattern takes the keys that match', async () => {
    const one = join();
    await fill(one);
    expect(await one.cache.invalidatePattern('user:*')).toEqual(APPLIED);
    expect(await keysIn(one)).toEqual(['town:1']);
    expect(await keysIn(join())).toEqual(['town:1']);
  });

  it('a predicate takes the keys that it is true for, also those in the store alone', async () => {
    await fill(join());
    const one = join();
    await one.cache.get('user:1');
    expect(await one.cache.invalidateWhere((key) => key.endsWith('1'))).toEqual(APPLIED);
    expect(await keysIn(one)).toEqual(['user:2']);
    expect(fleet.backend.keys).toEqual(['user:2']);
  });

  it('what a predicate throws is thrown, and nothing is cleared', async () => {
    await fill(join());
    const one = join();
    const failing = one.cache.invalidateWhere(() => {
      throw new Error('bug');
    });
    await expect(failing).rejects.toThrow('bug');
    expect(fleet.backend.keys).toHaveLength(3);
  });

  it('a store whose scan fails is cleared instead', async () => {
    const one = join();
    await fill(one);
    one.store.fail('keys', new Error('no cursor'));
    await one.cache.invalidateWhere((key) => key === 'user:1');
    await fleet.clock.advanceAsync(5000);
    expect(fleet.backend.keys).toEqual([]);
  });

  it('new entries under an invalidated tag, pattern or key are served', async () => {
    const one = join();
    await fill(one);
    await one.cache.invalidateTags(['users']);
    await one.cache.invalidatePattern('user:*');
    await one.cache.getOrSet('user:1', () => 'new', { tags: ['users'] });
    expect(one.cache.getLocal('user:1')).toBe('new');
    expect(await join().cache.get('user:1')).toBe('new');
  });
});

describe('on a store without a ledger', () => {
  it('what was invalidated by tag stays so after a restart', async () => {
    const one = fleet.join({}, { conditional: false });
    await fill(one);
    await one.cache.invalidateTags(['users']);
    await one.cache.close();
    expect(await keysIn(fleet.join({}, { conditional: false }))).toEqual(['town:1']);
  });

  it('a tag concerns entries of an earlier process whose clock was ahead', async () => {
    await fill(fleet.join({}, { conditional: false }));
    fleet.clock.setEpoch(0);
    const one = fleet.join({}, { conditional: false });
    await keysIn(one);
    await one.cache.invalidateTags(['users']);
    expect(await keysIn(one)).toEqual(['town:1']);
  });

  it.each([
    ['a pattern', (one: Instance<string>) => one.cache.invalidatePattern('user:*')],
    ['a tag', (one: Instance<string>) => one.cache.invalidateTags(['users'])],
    ['a predicate', (one: Instance<string>) => one.cache.invalidateWhere((key) => key !== '')],
  ])('%s takes what is still on its way there', async (_, invalidate) => {
    const one = fleet.join({ memory: false }, { conditional: false });
    const hold = one.store.hold({ operation: 'setMany' });
    const loading = one.cache.getOrSet('user:1', () => 'old', { tags: ['users'] });
    const setting = one.cache.set('user:2', 'old', { tags: ['users'] });
    await hold.reached();
    await settle();
    const invalidating = invalidate(one);
    await settle();
    hold.release();
    await Promise.all([loading, setting, invalidating]);
    expect(fleet.backend.keys).toEqual([]);
  });

  it('without a scan is cleared instead', async () => {
    const one = fleet.join({}, { conditional: false, scan: false });
    await fill(one);
    await one.cache.invalidateTags(['a']);
    expect(fleet.backend.keys).toEqual([]);
    expect(await one.cache.get('town:1')).toBe('Rome');
  });
});

describe('with a ledger', () => {
  it('other instances obey tags and patterns once the poll interval is over', async () => {
    const one = fleet.join();
    const other = fleet.join();
    await fill(one);
    await keysIn(other);
    await one.cache.invalidateTags(['a']);
    fleet.clock.advance(POLL);
    expect(await keysIn(other)).toEqual(['user:2', 'town:1']);
    await one.cache.invalidatePattern('town:?');
    fleet.clock.advance(POLL);
    expect(await keysIn(other)).toEqual(['user:2']);
  });

  it('an invalidation is one write, whatever it concerns', async () => {
    const one = fleet.join();
    await fill(one);
    one.store.forgetCalls();
    await one.cache.invalidateTags(['users', 'towns']);
    await one.cache.invalidatePattern('*');
    expect(one.store.calls.map(({ operation }) => operation)).toEqual(['bump', 'bump']);
  });

  it('other instances hear of a store that was cleared because it cannot be scanned', async () => {
    const one = fleet.join({}, { scan: false });
    const other = fleet.join({}, { scan: false });
    await fill(one);
    await keysIn(other);
    await one.cache.invalidateWhere((key) => key === 'user:1');
    fleet.clock.advance(POLL);
    expect(await keysIn(other)).toEqual([]);
  });

  it('what is invalidated softly is served stale, by all, while it is loaded anew', async () => {
    const options = { staleWhileRevalidate: 1000 };
    const one = fleet.join(options);
    const other = fleet.join(options);
    await one.cache.getOrSet('k', () => 'old', { tags: ['t'] });
    await other.cache.get('k');
    await one.cache.invalidateTags(['t'], { keep: 'stale' });
    fleet.clock.advance(POLL);
    expect(await one.cache.getResult('k')).toMatchObject({ state: 'stale', value: 'old' });
    expect(await other.cache.getOrSetResult('k', () => 'new', { tags: ['t'] })).toMatchObject({
      state: 'stale',
    });
    await fleet.clock.advanceAsync(0);
    expect(await other.cache.getOrSet('k', never)).toBe('new');
    fleet.clock.advance(1000);
    expect(await one.cache.get('k')).toBe('new');
  });

  it('what is invalidated softly is gone when its time is over, or when it is invalidated hard', async () => {
    const { cache } = fleet.join({ staleWhileRevalidate: 1000 });
    const load = async (key: string): Promise<string> =>
      cache.getOrSet(key, () => 'old', { tags: ['t', key] });
    await load('a');
    await load('b');
    await cache.invalidateTags(['t'], { keep: 'stale' });
    await cache.invalidateTags(['b']);
    expect(await cache.get('a')).toBe('old');
    expect(await cache.get('b')).toBeUndefined();
    fleet.clock.advance(1001);
    expect(await cache.get('a')).toBeUndefined();
  });

  it('what is invalidated softly a second time is not served for longer because of it', async () => {
    const { cache } = fleet.join({ staleWhileRevalidate: 1000 });
    await cache.set('k', 'old', { tags: ['t'] });
    await cache.invalidateTags(['t'], { keep: 'stale' });
    fleet.clock.advance(60_000);
    await cache.invalidateTags(['t'], { keep: 'stale' });
    expect(await cache.get('k')).toBeUndefined();
  });
});

describe('a nearer store than the one with the ledger', () => {
  it('has what the ledger invalidated as a miss', async () => {
    const backend = createReferenceBackend({ clock: fleet.clock });
    const near = controllableStore(
      referenceStore({ backend, name: 'near', conditional: false, scope: 'process' }),
    );
    const far = controllableStore(referenceStore({ backend: fleet.backend }));
    const { cache } = fleet.own({ memory: false, stores: [near, far] }, far);
    await cache.getOrSet('k', () => 'v', { tags: ['t'] });
    expect(await cache.getResult('k')).toMatchObject({ tier: 'near' });
    await fleet.join().cache.invalidateTags(['t']);
    expect(await cache.get('k')).toBeUndefined();
  });
});

describe('wrong arguments', () => {
  it.each([[['']], [['\ud800']], ['users'], [undefined]])(
    'as tags are refused (%#)',
    async (tags) => {
      const { cache } = fleet.join();
      await expect(cache.invalidateTags(tags as string[])).rejects.toThrow(ConfigError);
    },
  );

  it('as keep and as pattern are refused', async () => {
    const { cache } = fleet.join();
    const keep = 'fresh' as 'stale';
    await expect(cache.invalidateTags(['t'], { keep })).rejects.toThrow('keep must be one of');
    await expect(cache.invalidatePattern('')).rejects.toThrow(ConfigError);
  });
});
