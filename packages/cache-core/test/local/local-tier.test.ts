import { ManualClock } from '@perf/core/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryCache } from '../../src/index.ts';
import { LocalLedger, type Ledger } from '../../src/invalidation/ledger.ts';
import type { LocalEntry } from '../../src/local/local-entry.ts';
import { LocalTier } from '../../src/local/local-tier.ts';

let clock: ManualClock;
let ledger: { -readonly [Field in keyof Ledger]: Ledger[Field] };
let tier: LocalTier<string>;

/** A ledger whose state the test sets. */
beforeEach(() => {
  clock = new ManualClock();
  ledger = new LocalLedger(clock);
  tier = open();
});

function open(
  options: { isolatedServe?: number; serveStale?: number; keepSpare?: number } = {},
): LocalTier<string> {
  return new LocalTier<string>({
    memory: createMemoryCache<string, LocalEntry<string>>({ maxEntries: 100, clock }),
    ledger,
    clock,
    isolatedServe: options.isolatedServe ?? 1000,
    serveStale: options.serveStale ?? 500,
    keepSpare: options.keepSpare ?? 0,
    slidingTtl: Infinity,
    touch: undefined,
    onError: () => undefined,
  });
}

function put(key: string, changes: Partial<LocalEntry<string>> = {}): LocalEntry<string> {
  const now = clock.now();
  const entry: LocalEntry<string> = {
    value: key,
    nonce: '',
    ledgerId: 'local',
    asOf: ledger.replica.reached,
    tags: [],
    born: ledger.replica.nextTick(),
    storedAt: clock.epoch(),
    freshUntil: now + 100,
    staleUntil: now + 300,
    refreshAt: Infinity,
    touchAt: Infinity,
    attention: changes.freshUntil ?? now + 100,
    negative: false,
    verified: now,
    epoch: 0,
    judged: -1,
    ...changes,
  };
  tier.put(key, entry);
  return entry;
}

describe('an entry in memory', () => {
  it('is a hit while it is fresh, stale until it is not to be served, then gone', () => {
    put('a');
    expect(tier.fresh('a')?.value).toBe('a');
    expect(tier.lookup('a')).toMatchObject({ state: 'hit' });
    clock.advance(100);
    expect(tier.fresh('a')).toBeUndefined();
    expect(tier.lookup('a')).toMatchObject({ state: 'stale' });
    clock.advance(200);
    expect(tier.lookup('a')).toBeUndefined();
    expect(tier.peek('a')).toBeUndefined();
  });

  it('is judged again only after something changed', async () => {
    put('a', { tags: ['t'] });
    const judge = vi.spyOn(ledger.replica, 'judge');
    for (let round = 0; round < 5; round++) tier.fresh('a');
    expect(judge).toHaveBeenCalledTimes(1);
    await ledger.invalidate([{ kind: 'tag', name: 'u' }]);
    for (let round = 0; round < 5; round++) expect(tier.fresh('a')?.value).toBe('a');
    expect(judge).toHaveBeenCalledTimes(2);
    await ledger.invalidate([{ kind: 'tag', name: 't' }]);
    expect(tier.fresh('a')).toBeUndefined();
    expect(tier.lookup('a')).toBeUndefined();
  });

  it('that was invalidated softly is stale for as long as is said, and not longer than its time', async () => {
    put('a', { tags: ['t'], freshUntil: 10_000, staleUntil: 10_000 });
    put('b', { tags: ['t'] });
    await ledger.invalidate([{ kind: 'soft', name: 't' }]);
    expect(tier.fresh('a')).toBeUndefined();
    expect(tier.lookup('a')).toMatchObject({ state: 'stale' });
    clock.advance(300);
    expect(tier.lookup('b')).toBeUndefined();
    clock.advance(199);
    expect(tier.lookup('a')).toMatchObject({ state: 'stale' });
    clock.advance(2);
    expect(tier.lookup('a')).toBeUndefined();
  });

  it('that was invalidated softly is gone at once where nothing stale is served, though the number is ahead of the clock', async () => {
    tier = open({ serveStale: 0 });
    put('a', { tags: ['t'] });
    await ledger.invalidate([{ kind: 'tag', name: 'u' }]);
    await ledger.invalidate([{ kind: 'soft', name: 't' }]);
    expect(tier.lookup('a')).toBeUndefined();
  });

  it('has to be proved when the ledger may know more, or in an older epoch', () => {
    put('a');
    ledger.liveUntil = clock.now() - 1;
    expect(tier.fresh('a')).toBeUndefined();
    expect(tier.lookup('a')).toBe('unproved');
    ledger.liveUntil = Infinity;
    ledger.epoch = 1;
    expect(tier.fresh('a')).toBeUndefined();
    expect(tier.lookup('a')).toBe('unproved');
  });

  it('is served in isolation until the last contact, or its own proof, is too long ago', () => {
    const long = { freshUntil: Infinity, staleUntil: Infinity };
    put('old', long);
    ledger.liveUntil = -1;
    ledger.lastLive = 0;
    ledger.isolated = true;
    clock.advance(500);
    put('new', long);
    clock.advance(500);
    expect([tier.fresh('old')?.value, tier.fresh('new')?.value]).toEqual(['old', 'new']);
    clock.advance(1);
    expect(tier.fresh('old')).toBeUndefined();
    expect(tier.lookup('old')).toBeUndefined();
    expect(tier.lookup('new')).toMatchObject({ state: 'hit' });
    clock.advance(500);
    expect(tier.lookup('new')).toBeUndefined();
  });

  it('of an older epoch is served in isolation by its own proof alone', () => {
    put('a', { freshUntil: Infinity, staleUntil: Infinity });
    clock.advance(600);
    ledger.epoch = 1;
    ledger.liveEpoch = 1;
    ledger.liveUntil = -1;
    ledger.lastLive = clock.now();
    ledger.isolated = true;
    expect(tier.lookup('a')).toMatchObject({ state: 'hit' });
    clock.advance(401);
    expect(tier.lookup('a')).toBeUndefined();
  });

  it('of the epoch that ended with the contact is served in isolation by that', () => {
    put('a', { freshUntil: Infinity, staleUntil: Infinity });
    clock.advance(600);
    ledger.lastLive = clock.now();
    ledger.epoch = 1;
    ledger.liveUntil = -1;
    ledger.isolated = true;
    clock.advance(1000);
    expect(tier.lookup('a')).toMatchObject({ state: 'hit' });
    clock.advance(1);
    expect(tier.lookup('a')).toBeUndefined();
  });

  it('counts as used by a lookup, so that the policy keeps it', () => {
    const memory = createMemoryCache<string, LocalEntry<string>>({ maxEntries: 2, clock });
    const times = { isolatedServe: 0, serveStale: 0, keepSpare: 0, slidingTtl: Infinity };
    tier = new LocalTier({
      memory,
      ledger,
      clock,
      ...times,
      touch: undefined,
      onError: () => undefined,
    });
    put('a');
    put('b');
    tier.lookup('a');
    put('c');
    expect([...tier.keys()].toSorted()).toEqual(['a', 'c']);
  });
});

it('what memory cannot take is reported, and the key is absent', () => {
  const errors: unknown[] = [];
  tier = new LocalTier<string>({
    memory: createMemoryCache<string, LocalEntry<string>>({
      maxBytes: 100,
      weigh: () => {
        throw new Error('cannot weigh');
      },
      clock,
    }),
    ledger,
    clock,
    isolatedServe: 0,
    serveStale: 0,
    keepSpare: 0,
    slidingTtl: Infinity,
    touch: undefined,
    onError: (key, error) => errors.push([key, error]),
  });
  put('a');
  expect(errors).toEqual([['a', expect.objectContaining({ message: 'cannot weigh' })]]);
  expect(tier.peek('a')).toBeUndefined();
});
