import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { LONG, call, filesIn, get, makeHarness, set } from '../fixtures/harness.ts';

function stamp(epoch: number): string {
  return `perf1-tmp-${epoch.toString(36)}-x`;
}

describe('a sweep', () => {
  it('removes what has expired, and nothing else', async () => {
    const { store, clock, dir, fileOf } = await makeHarness();
    await set(store, 'short', 'value', 1000);
    await set(store, 'long', 'value', 5000);
    await set(store, 'endless', 'value', Infinity);
    clock.advance(1000);
    expect(await get(store, 'short')).toBeUndefined();
    expect(await filesIn(dir)).toHaveLength(3);
    await store.sweep();
    expect(await filesIn(dir)).toEqual(
      [fileOf('long'), fileOf('endless')].map((file) => file.slice(dir.length + 1)).toSorted(),
    );
    expect(store.stats()).toMatchObject({ entries: 2, expired: 1 });
  });

  it('knows the lifetimes of what another process stored', async () => {
    const { store, clock, dir, another } = await makeHarness();
    const other = another();
    await set(store, 'a', 'value', 1000);
    await set(store, 'b', 'value', 1000);
    await other.sweep();
    await set(store, 'a', 'value', 10_000);
    clock.advance(2000);
    await other.sweep();
    expect(await filesIn(dir)).toHaveLength(1);
    expect(await get(other, 'a')).toBe('value');
    expect(other.stats()).toMatchObject({ entries: 1, expired: 1 });
  });

  it('removes the temporary files of killed writers once they are old', async () => {
    const { store, clock, dir } = await makeHarness();
    await set(store, 'a', 'value');
    const now = clock.epoch();
    for (const epoch of [now, now - 599_000, now - 600_000, now - LONG, now + LONG]) {
      await writeFile(join(dir, stamp(epoch)), 'half');
    }
    await store.sweep();
    const left = (await readdir(dir)).filter((file) => file.includes('tmp'));
    expect(left.toSorted()).toEqual([stamp(now), stamp(now - 599_000)].toSorted());
    expect(store.stats()).toMatchObject({ abandoned: 3 });
  });

  it('finishes what a clear in another process could not', async () => {
    const { store, dir } = await makeHarness();
    await mkdir(join(dir, 'perf1-trash-x/y/z'), { recursive: true });
    await writeFile(join(dir, 'perf1-trash-x/y/z/file'), '');
    await writeFile(join(dir, 'perf1-trash-file'), '');
    await store.sweep();
    expect(await readdir(dir)).toEqual([]);
  });

  it('reports damaged files and removes them', async () => {
    const { store, damaged, dir, fileOf, shardOf } = await makeHarness();
    await mkdir(shardOf('a'), { recursive: true });
    await writeFile(fileOf('a'), 'garbage');
    await store.sweep();
    expect(damaged).toMatchObject([{ file: fileOf('a'), key: undefined, removed: true }]);
    expect(await filesIn(dir)).toEqual([]);
  });

  it('a file stamped in the future is no younger than one used now', async () => {
    const { store, fileOf, another } = await makeHarness();
    await set(store, 'a', 'value');
    const future = new Date(Date.now() + LONG * 1000);
    await utimes(fileOf('a'), future, future);
    const next = another({ maxEntries: 2 });
    await next.sweep();
    for (const key of ['b', 'c']) await set(next, key, 'value');
    expect(await get(next, 'a')).toBeUndefined();
  });

  it('begins by itself with the first call, and again after sweepInterval', async () => {
    const { store, clock, dir } = await makeHarness({ sweepInterval: '1m' });
    await set(store, 'a', 'value', 1000);
    expect(clock.pendingTimers).toBeGreaterThanOrEqual(0);
    clock.advance(5000);
    for (let pass = 0; pass < 2; pass++) {
      await vi.waitFor(
        async () => {
          clock.advance(61_000);
          expect(await filesIn(dir)).toEqual([]);
        },
        { timeout: 10_000 },
      );
      await set(store, 'a', 'value', 1000);
    }
    expect(store.stats().expired).toBe(2);
  });

  it('asked for while one runs in the background makes that one hurry', async () => {
    const { store, clock, dir } = await makeHarness();
    const entries = Array.from({ length: 200 }, (_, index) => ({
      key: `${index}`,
      bytes: new Uint8Array(1),
      ttl: 10,
    }));
    await store.setMany(entries, call());
    clock.advance(20);
    await Promise.all([store.sweep(), store.sweep()]);
    expect(await filesIn(dir)).toEqual([]);
  });

  it('in the background ends when the store is closed', async () => {
    const { store, errors } = await makeHarness();
    await set(store, 'a', 'value');
    const sweeping = store.sweep();
    await store.close();
    await sweeping.catch(() => undefined);
    expect(errors).toEqual([]);
  });
});
