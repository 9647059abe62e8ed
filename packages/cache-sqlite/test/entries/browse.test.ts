import { encodeEnvelope } from '@perf/cache-core/testing';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import type { EntryInfo, EntryQuery, SqliteStore } from '../../src/index.ts';
import { driverIsMissing } from '../fixtures/driver.ts';
import { CALL, setText, useTempFolder } from '../fixtures/temp-folder.ts';

async function found(store: SqliteStore, query?: EntryQuery): Promise<EntryInfo[]> {
  const entries: EntryInfo[] = [];
  for await (const entry of store.entries(query)) entries.push(entry);
  return entries;
}

async function keysFound(store: SqliteStore, query?: EntryQuery): Promise<string[]> {
  return (await found(store, query)).map(({ key }) => key);
}

async function setTagged(store: SqliteStore, key: string, ...tags: string[]): Promise<void> {
  const header = {
    codec: 1,
    compression: 0,
    nonce: '0123456789abcdef',
    created: 1,
    freshUntil: Infinity,
    staleUntil: Infinity,
    ledgerId: 'ledger',
    asOf: 1,
    tags,
    decodedLength: 2,
  };
  const bytes = encodeEnvelope(key, header, Buffer.from('{}'));
  await store.setMany([{ key, bytes, ttl: Infinity }], CALL);
}

describe.skipIf(driverIsMissing)('entries', () => {
  const temp = useTempFolder();

  it('are told in the order of their keys, with what is known about them', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock });
    await setText(store, 'b', 'xxx', 5000);
    await setTagged(store, 'a', 'city', 'country');
    await setText(store, 'expired', 'x', 1);
    clock.advance(10);
    const time = clock.epoch() - 10;
    const size = expect.any(Number) as number;
    expect(await found(store)).toEqual([
      {
        key: 'a',
        size,
        created: time,
        used: time,
        expires: Infinity,
        tags: ['city', 'country'],
      },
      { key: 'b', size: 132, created: time, used: time, expires: time + 5000, tags: [] },
    ]);
  });

  it('are found by prefix, whatever is in it', async () => {
    const store = temp.open();
    const keys = ['a', 'a*', 'a*b', 'a*\u{10FFFF}', 'a_b', 'aa', 'b', 'A*'];
    for (const key of keys) await setText(store, key, '1');
    expect(await keysFound(store, { prefix: 'a*' })).toEqual(['a*', 'a*b', 'a*\u{10FFFF}']);
    expect(await keysFound(store, { prefix: 'c' })).toEqual([]);
  });

  it('are found by tag, age and size, and all of them together', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock });
    await setTagged(store, 'old', 'x');
    await setText(store, 'old and large', 'x'.repeat(10_000));
    clock.advance(60_000);
    await setTagged(store, 'new', 'x', 'y');
    expect(await keysFound(store, { tag: 'x' })).toEqual(['new', 'old']);
    expect(await keysFound(store, { tag: 'y' })).toEqual(['new']);
    expect(await keysFound(store, { olderThan: '30s' })).toEqual(['old', 'old and large']);
    expect(await keysFound(store, { largerThan: '4kb' })).toEqual(['old and large']);
    expect(await keysFound(store, { olderThan: '30s', tag: 'x', prefix: 'o' })).toEqual(['old']);
  });

  it('with more tags than fit into the part that is read first are found all the same', async () => {
    const store = temp.open();
    const tags = Array.from({ length: 100 }, (_, n) => `tag ${n} ${'x'.repeat(100)}`);
    await setTagged(store, 'a', ...tags);
    expect(await keysFound(store, { tag: tags[99] ?? '' })).toEqual(['a']);
  });

  it('are told page by page, up to the limit', async () => {
    const store = temp.open();
    const keys = Array.from({ length: 350 }, (_, n) => `key ${String(n).padStart(3, '0')}`);
    const bytes = Buffer.from('1');
    await store.setMany(
      keys.map((key) => ({ key, bytes, ttl: 1e6 })),
      CALL,
    );
    expect(await keysFound(store)).toEqual(keys);
    expect(await keysFound(store, { limit: 101 })).toEqual(keys.slice(0, 101));
  });

  it('refuse a query that makes no sense, and stop when they are told to', async () => {
    const store = temp.open();
    await setText(store, 'a', '1');
    await expect(keysFound(store, { olderThan: -1 })).rejects.toThrow('olderThan');
    await expect(keysFound(store, { limit: 0 })).rejects.toThrow('limit');
    await expect(keysFound(store, null as never)).rejects.toThrow('an object of options');
    await expect(keysFound(store, { prefix: null as never })).rejects.toThrow('entries.prefix');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(store.entries({}, { signal })[Symbol.asyncIterator]().next()).rejects.toThrow(
      'enough',
    );
  });
});
