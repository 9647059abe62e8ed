import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { LONG, call, filesIn, get, keysOf, makeHarness, set } from '../fixtures/harness.ts';

const bytes = new Uint8Array(1000);

describe('bounds', () => {
  it('the least recently used entries beyond maxEntries are removed', async () => {
    const { store, dir } = await makeHarness({ maxEntries: 10 });
    for (let index = 0; index < 30; index++) await set(store, `${index}`, 'value');
    expect(await filesIn(dir)).toHaveLength(10);
    expect(await keysOf(store)).toEqual(
      Array.from({ length: 10 }, (_, index) => `${index + 20}`).toSorted(),
    );
    expect(store.stats()).toMatchObject({ entries: 10, evicted: 20, stored: 30 });
  });

  it('reading an entry keeps it', async () => {
    const { store } = await makeHarness({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      await set(store, key, 'value');
      await get(store, 'a');
    }
    expect(await keysOf(store)).toEqual(['a', 'd', 'e']);
  });

  it('overwriting evicts nothing', async () => {
    const { store } = await makeHarness({ maxEntries: 2 });
    for (const key of ['a', 'b', 'a', 'b', 'a']) await set(store, key, 'value');
    expect(await keysOf(store)).toEqual(['a', 'b']);
    expect(store.stats()).toMatchObject({ evicted: 0 });
  });

  it('maxBytes bounds the length of all files', async () => {
    const { store, dir } = await makeHarness({ maxBytes: 5000, maxValueBytes: 4000 });
    for (let index = 0; index < 20; index++) await set(store, `${index}`, bytes);
    expect(await filesIn(dir)).toHaveLength(4);
    expect(store.stats().bytes).toBe(4 * (1000 + 40 + 2));
    await set(store, 'big', new Uint8Array(4000));
    expect(await keysOf(store)).toEqual(['big']);
  });

  it('an expired entry goes before a live one', async () => {
    const { store, clock } = await makeHarness({ maxEntries: 3 });
    await set(store, 'live', 'value');
    await set(store, 'short', 'value', 10);
    await set(store, 'live too', 'value');
    clock.advance(20);
    await set(store, 'new', 'value');
    expect(await keysOf(store)).toEqual(['live', 'live too', 'new']);
  });

  it('many writes at once end within the bound', async () => {
    const { store, dir } = await makeHarness({ maxEntries: 10 });
    const entries = Array.from({ length: 300 }, (_, index) => ({
      key: `${index}`,
      bytes,
      ttl: LONG,
    }));
    const results = await store.setMany(entries, call());
    expect(new Set(results)).toEqual(new Set(['stored']));
    await store.sweep();
    expect(await filesIn(dir)).toHaveLength(10);
    expect(store.stats()).toMatchObject({ entries: 10 });
  });

  it('the entries that an earlier process left count as well, in the order of their use', async () => {
    const { store, clock, another } = await makeHarness();
    for (let index = 0; index < 20; index++) await set(store, `${index}`, 'value');
    await store.close();
    const next = another({ maxEntries: 5 });
    await next.sweep();
    expect(await keysOf(next)).toHaveLength(5);
    clock.advance(1000);
    await set(next, 'new', 'value');
    expect(await keysOf(next)).toHaveLength(5);
    expect(await get(next, 'new')).toBe('value');
  });

  it('the time of use is noted on the file, so that it outlives the process', async () => {
    const { store, clock, another } = await makeHarness();
    for (const key of ['a', 'b', 'c']) await set(store, key, 'value', Infinity);
    // Files are stamped by the system's clock when written; only then by the store's.
    clock.setEpoch(Date.now() + LONG / 2);
    const reader = another();
    expect(await get(reader, 'a')).toBe('value');
    await reader.close();
    const next = another({ maxEntries: 1 });
    await next.sweep();
    expect(await keysOf(next)).toEqual(['a']);
  });

  it('two stores on one folder stay near the bound, and within it after a sweep', async () => {
    const { store, dir, another } = await makeHarness({ maxEntries: 20 });
    const other = another();
    for (let index = 0; index < 60; index++) {
      await set(store, `a${index}`, 'value');
      await set(other, `b${index}`, 'value');
    }
    expect((await filesIn(dir)).length).toBeLessThanOrEqual(2 * 20);
    await store.sweep();
    expect((await filesIn(dir)).length).toBe(20);
  });

  it('two stores that choose the same victims stay within the bound', async () => {
    const { store, dir, another } = await makeHarness({ maxEntries: 20 });
    const other = another();
    for (let index = 0; index < 20; index++) await set(store, `${index}`, 'value');
    await other.sweep();
    for (let index = 0; index < 9; index++) {
      await set(store, `a${index}`, 'value');
      await set(other, `b${index}`, 'value');
    }
    expect(await filesIn(dir)).toHaveLength(20);
  });

  it('a folder emptied from outside is filled again', async () => {
    const { store, dir } = await makeHarness({ maxEntries: 20 });
    for (let index = 0; index < 20; index++) await set(store, `${index}`, 'value');
    await rm(dir, { recursive: true });
    for (let index = 0; index < 20; index++) await set(store, `new ${index}`, 'value');
    expect((await filesIn(dir)).length).toBe(20);
  });
});
