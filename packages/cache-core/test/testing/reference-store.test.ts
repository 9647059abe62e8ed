import { ClosedError, ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import type { CacheStore, StoreCall } from '../../src/contracts/cache-store.ts';
import type { LedgerDelta, StoreFencing } from '../../src/contracts/store-fencing.ts';
import { InvalidKeyError } from '../../src/errors.ts';
import {
  createReferenceBackend,
  type ReferenceBackend,
  type ReferenceBackendOptions,
} from '../../src/testing/reference-backend.ts';
import { referenceStore } from '../../src/testing/reference-store.ts';

const call: StoreCall = { signal: new AbortController().signal };
const START = { seq: 0, drop: 0 };

interface Setup {
  readonly clock: ManualClock;
  readonly backend: ReferenceBackend;
  readonly store: CacheStore;
  readonly fencing: StoreFencing;
  readonly other: StoreFencing;
}

function setup(options: ReferenceBackendOptions = {}): Setup {
  const clock = new ManualClock();
  const backend = createReferenceBackend({ clock, ...options });
  const store = referenceStore({ backend });
  return {
    clock,
    backend,
    store,
    fencing: fencingOf(store),
    other: fencingOf(referenceStore({ backend })),
  };
}

function fencingOf({ fencing }: CacheStore): StoreFencing {
  if (fencing === undefined) throw new TypeError('no fencing');
  return fencing;
}

function bumpTags(fencing: StoreFencing, ...tags: string[]): Promise<{ readonly seq: number }> {
  return fencing.bump(
    tags.map((name) => ({ kind: 'tag', name })),
    0,
    call,
  );
}

function namesOf({ facts }: LedgerDelta): string[] {
  return facts.map(({ kind, name }) => `${kind}:${name}`);
}

describe('the reference store', () => {
  it('refuses options that do not exist', () => {
    expect(() => referenceStore({ skan: false } as object)).toThrow(ConfigError);
    expect(() => createReferenceBackend({ pageSize: 0 })).toThrow(ConfigError);
  });

  it.each(['', '\ud800'])('refuses the key %j, which no cache may hand on', async (key) => {
    const { store } = setup();

    await expect(
      store.setMany([{ key, bytes: new Uint8Array(), ttl: 1 }], call),
    ).rejects.toBeInstanceOf(InvalidKeyError);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses the ttl %s', async (ttl) => {
    const { store } = setup();

    await expect(
      store.setMany([{ key: 'a', bytes: new Uint8Array(), ttl }], call),
    ).rejects.toBeInstanceOf(ConfigError);
  });

  it('does not tell the remaining time where that is switched off', async () => {
    const store = referenceStore({ remaining: false });
    await store.setMany([{ key: 'a', bytes: Uint8Array.of(1), ttl: 600_000 }], call);

    expect(await store.getMany(['a'], call)).toEqual([{ bytes: Uint8Array.of(1) }]);
  });

  it('closes one instance and not the others', async () => {
    const { store, other } = setup();
    await store.close();

    await expect(store.getMany(['a'], call)).rejects.toBeInstanceOf(ClosedError);
    expect((await other.delta(START, call)).seq).toBe(0);
  });

  it('records no drops where they travel on a bus', async () => {
    const { backend, other } = setup();
    const store = referenceStore({ backend, drops: false });
    await store.deleteMany(['a'], call);

    expect(await other.delta(START, call)).toMatchObject({ drops: [], drop: 0, gap: false });
  });
});

describe('the reference ledger', () => {
  it('takes its numbers from the time in microseconds', async () => {
    const { clock, fencing } = setup();

    expect((await bumpTags(fencing, 'x')).seq).toBe(clock.epoch() * 1000 + 1);
  });

  it('goes on upwards when the clock is set back', async () => {
    const { clock, fencing } = setup();
    const first = await bumpTags(fencing, 'x');
    clock.setEpoch(0);

    expect((await bumpTags(fencing, 'x')).seq).toBe(first.seq + 1);
  });

  it('writes nothing for a bump of nothing', async () => {
    const { fencing } = setup();
    const { seq } = await bumpTags(fencing, 'x');

    expect(await fencing.bump([], 0, call)).toMatchObject({ prev: seq, seq });
    expect((await fencing.delta(START, call)).seq).toBe(seq);
  });

  it('forgets the oldest tenth of too many tags and raises the floor to the highest of them', async () => {
    const { clock, fencing } = setup({ ledger: { tags: 20 } });
    const seqs: number[] = [];
    for (let index = 0; index <= 20; index++) {
      seqs.push((await bumpTags(fencing, `${index}`)).seq);
      clock.advance(1);
    }
    const delta = await fencing.delta(START, call);

    expect(delta.facts[0]).toEqual({ kind: 'all', name: '', seq: seqs[2] });
    expect(namesOf(delta)).toEqual(['all:', ...seqs.slice(3).map((_, at) => `tag:${at + 3}`)]);
  });

  it('forgets the oldest half of too many patterns', async () => {
    const { clock, fencing } = setup({ ledger: { patterns: 3 } });
    for (const name of ['a*', 'b*', 'c*', 'd*']) {
      await fencing.bump([{ kind: 'pattern', name }], 0, call);
      clock.advance(1);
    }

    expect(namesOf(await fencing.delta(START, call))).toEqual(['all:', 'pattern:c*', 'pattern:d*']);
  });

  it('forgets what is older than any entry, a hundred facts a bump', async () => {
    const { clock, fencing } = setup({ ledger: { maxAge: 1000 } });
    for (let index = 0; index < 150; index++) await bumpTags(fencing, `${index}`);
    clock.advance(1001);

    await bumpTags(fencing, 'x');
    expect(namesOf(await fencing.delta(START, call))).toHaveLength(52);
    await bumpTags(fencing, 'x');
    expect(namesOf(await fencing.delta(START, call))).toEqual(['all:', 'tag:x']);
  });

  it('does not lower the floor when it forgets', async () => {
    const { clock, fencing } = setup({ ledger: { patterns: 1 } });
    await fencing.bump([{ kind: 'pattern', name: 'a*' }], 0, call);
    clock.advance(1);
    const { seq } = await fencing.bump([{ kind: 'all', name: '' }], 0, call);
    clock.advance(1);
    await fencing.bump([{ kind: 'pattern', name: 'b*' }], 0, call);

    expect((await fencing.delta(START, call)).facts[0]).toEqual({ kind: 'all', name: '', seq });
  });

  it('is another one after it was lost', async () => {
    const { backend, fencing } = setup();
    const first = await fencing.bump([{ kind: 'tag', name: 'x' }], 0, call);
    backend.loseLedger();
    const delta = await fencing.delta(START, call);

    expect(delta.id).not.toBe(first.id);
    expect(delta).toMatchObject({ facts: [], seq: 0 });
  });

  it('is the same one, and knows less, after it was rolled back', async () => {
    const { backend, fencing } = setup();
    const first = await fencing.bump([{ kind: 'tag', name: 'x' }], 0, call);
    const snapshot = backend.snapshotLedger();
    const second = await bumpTags(fencing, 'y');
    backend.restoreLedger(snapshot);

    expect(await fencing.delta({ seq: second.seq, drop: 0 }, call)).toMatchObject({
      id: first.id,
      seq: first.seq,
      facts: [],
    });
    expect((await fencing.bump([], second.seq, call)).seq).toBe(first.seq);
    expect(
      (await fencing.bump([{ kind: 'all', name: '' }], second.seq + 9_000_000, call)).seq,
    ).toBe(second.seq + 9_000_001);
  });
});

describe('the reference drops', () => {
  it('are a gap for a reader who has not seen those that were forgotten', async () => {
    const { backend, store, other } = setup({ dropsKept: 2 });
    await store.deleteMany(['a', 'b'], call);
    const first = await other.delta(START, call);
    expect(first).toMatchObject({ drops: ['a', 'b'], drop: 2, gap: false });

    await store.deleteMany(['c', 'd', 'e'], call);
    expect(await other.delta({ seq: 0, drop: first.drop }, call)).toMatchObject({
      drops: [],
      drop: 5,
      gap: true,
    });
    backend.forgetDrops();
    expect(await other.delta({ seq: 0, drop: 5 }, call)).toMatchObject({ gap: false, drop: 5 });
  });

  it('are a gap for a reader who is ahead, as after the store was replaced', async () => {
    const { other } = setup();

    expect(await other.delta({ seq: 0, drop: 7 }, call)).toMatchObject({ gap: true, drop: 0 });
  });

  it('come in pages', async () => {
    const { store, other } = setup({ pageSize: 2 });
    await store.deleteMany(['a', 'b', 'c'], call);

    expect(await other.delta(START, call)).toMatchObject({
      drops: ['a', 'b'],
      drop: 2,
      complete: false,
    });
    expect(await other.delta({ seq: 0, drop: 2 }, call)).toMatchObject({
      drops: ['c'],
      drop: 3,
      complete: true,
    });
  });
});
