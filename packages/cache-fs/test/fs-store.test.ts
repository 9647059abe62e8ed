import { mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { StoreUnavailableError } from '@perf/cache-core';
import { ClosedError, ConfigError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import { fsStore } from '../src/index.ts';
import { LONG, call, filesIn, get, keysOf, makeHarness, pagesOf, set } from './fixtures/harness.ts';

describe('what lies on disk', () => {
  it('an entry is one file, named by the hash of its key', async () => {
    const { store, dir, fileOf } = await makeHarness();
    await set(store, '../../etc/passwd', 'value');
    await set(store, '\0', 'value');
    await set(store, 'x'.repeat(2 ** 20), 'value');
    const files = [fileOf('../../etc/passwd'), fileOf('\0'), fileOf('x'.repeat(2 ** 20))];
    expect(await filesIn(dir)).toEqual(files.map((file) => file.slice(dir.length + 1)).toSorted());
  });

  it('files are for their owner alone, and so are folders', async () => {
    const { store, dir, fileOf, shardOf } = await makeHarness();
    await set(store, 'a', 'value');
    expect((await stat(fileOf('a'))).mode & 0o777).toBe(0o600);
    expect((await stat(shardOf('a'))).mode & 0o777).toBe(0o700);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  it('nothing is made before the first call', async () => {
    const { base } = await makeHarness();
    expect(await readdir(base)).toEqual([]);
  });

  it('a write leaves no temporary file', async () => {
    const { store, dir } = await makeHarness();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => set(store, `${index % 5}`, 'value')),
    );
    expect(await filesIn(dir)).toHaveLength(5);
  });

  it('with fsync, writes are stored as well', async () => {
    const { store } = await makeHarness({ fsync: true });
    expect(await set(store, 'a', 'value')).toBe('stored');
    expect(await get(store, 'a')).toBe('value');
  });

  it("files that are not the store's are left alone by everything", async () => {
    const { store, dir } = await makeHarness();
    await mkdir(join(dir, 'lost+found'), { recursive: true });
    await writeFile(join(dir, 'lost+found/mine'), 'kept');
    await mkdir(join(dir, 'ab'));
    await writeFile(join(dir, 'ab', 'c'.repeat(62)), 'kept');
    await set(store, 'a', 'value');
    await store.sweep();
    await store.clear(call());
    await store.sweep();
    expect(await filesIn(dir)).toEqual([`ab/${'c'.repeat(62)}`, 'lost+found/mine']);
  });
});

describe('lifetimes', () => {
  it('an entry never has more left than its lifetime, also when the clock is set back', async () => {
    const { store, clock } = await makeHarness();
    await set(store, 'a', 'value', 1000);
    clock.setEpoch(clock.epoch() - 30_000);
    const [entry] = await store.getMany(['a'], call());
    expect(entry?.remaining).toBe(1000);
  });

  it('an entry from the far future counts as damaged', async () => {
    const { store, clock, damaged } = await makeHarness();
    await set(store, 'a', 'value');
    clock.setEpoch(clock.epoch() - LONG);
    expect(await get(store, 'a')).toBeUndefined();
    expect(damaged).toMatchObject([{ key: 'a', reason: 'times', removed: true }]);
  });

  it('touching changes the lifetime of the file that is there, not the file', async () => {
    const { store, clock, fileOf } = await makeHarness();
    await set(store, 'a', 'value', 1000);
    const before = await stat(fileOf('a'));
    await store.touchMany?.(['a', 'absent'], 5000, call());
    expect((await stat(fileOf('a'))).ino).toBe(before.ino);
    clock.advance(4000);
    const [entry] = await store.getMany(['a'], call());
    expect(entry?.remaining).toBe(1000);
  });
});

describe('the folder', () => {
  it('~ is the home folder', () => {
    expect(fsStore({ dir: '~/x' }).dir).toBe(join(homedir(), 'x'));
    expect(fsStore({ dir: '~' }).dir).toBe(homedir());
  });

  it('is made again when it has disappeared', async () => {
    const { store, dir } = await makeHarness();
    await set(store, 'a', '1');
    await rm(dir, { recursive: true });
    expect(await get(store, 'a')).toBeUndefined();
    expect(await set(store, 'a', '2')).toBe('stored');
    expect(await get(store, 'a')).toBe('2');
    await rm(dir, { recursive: true });
    await store.sweep().catch(() => undefined);
    await store.clear(call()).catch(() => undefined);
    expect(await set(store, 'b', '3')).toBe('stored');
    expect(await keysOf(store)).toEqual(['b']);
    expect(store.stats()).toMatchObject({ entries: 1 });
  });

  it('may be a link, which then counts as it was at the first call', async () => {
    const { base, another } = await makeHarness();
    await mkdir(join(base, 'one'));
    await mkdir(join(base, 'two'));
    await symlink(join(base, 'one'), join(base, 'link'));
    const store = another({ dir: join(base, 'link') });
    await set(store, 'a', '1');
    await rm(join(base, 'link'));
    await symlink(join(base, 'two'), join(base, 'link'));
    await set(store, 'b', '2');
    expect(await readdir(join(base, 'two'))).toEqual([]);
    expect(await filesIn(join(base, 'one'))).toHaveLength(2);
  });

  it('that cannot be made is store trouble, and used once it can be', async () => {
    const { base, another } = await makeHarness();
    await writeFile(join(base, 'file'), '');
    const store = another({ dir: join(base, 'file/below') });
    await expect(store.getMany(['a'], call())).rejects.toThrow(StoreUnavailableError);
    await expect(set(store, 'a', '1')).rejects.toThrow(StoreUnavailableError);
    await expect(store.deleteMany(['a'], call())).rejects.toThrow(StoreUnavailableError);
    await expect(store.touchMany?.(['a'], 1, call())).rejects.toThrow(StoreUnavailableError);
    await expect(keysOf(store)).rejects.toThrow(StoreUnavailableError);
    await expect(store.clear(call())).rejects.toThrow(StoreUnavailableError);
    await expect(store.sweep()).rejects.toThrow(StoreUnavailableError);
    expect(await store.health(call())).toMatchObject({ healthy: false });
    await rm(join(base, 'file'));
    expect(await set(store, 'a', '1')).toBe('stored');
    expect(await store.health(call())).toMatchObject({ healthy: true });
  });

  it('that was removed is made again by asking for health, so that a cache dares to write', async () => {
    const { store, dir } = await makeHarness();
    await set(store, 'a', '1');
    await rm(dir, { recursive: true });
    expect(await store.health(call())).toMatchObject({ healthy: true });
    expect(await set(store, 'a', '2')).toBe('stored');
  });

  it('is taken up by the next store, with everything in it', async () => {
    const { store, another } = await makeHarness();
    await set(store, 'a', '1');
    await store.close();
    const next = another();
    expect(await get(next, 'a')).toBe('1');
    await next.sweep();
    expect(next.stats()).toMatchObject({ entries: 1 });
    expect(await next.health(call())).toMatchObject({ healthy: true, entries: 1 });
  });
});

describe('clear', () => {
  it('removes what is not readable, too', async () => {
    const { store, dir, fileOf, shardOf } = await makeHarness();
    await set(store, 'a', '1');
    await writeFile(join(shardOf('a'), 'something'), '');
    await mkdir(join(shardOf('a'), 'folder/in/folder'), { recursive: true });
    await rm(fileOf('a'));
    await mkdir(fileOf('a'));
    await symlink('/', shardOf('a').replace(/..$/, 'zz'));
    await store.clear(call());
    await store.sweep();
    expect(await readdir(dir)).toEqual(['perf1-zz']);
  });

  it('takes its place between the calls before and after it', async () => {
    const { store } = await makeHarness();
    const results = await Promise.all([
      set(store, 'a', '1'),
      set(store, 'b', '1'),
      store.clear(call()),
      get(store, 'a'),
      set(store, 'b', '2'),
      get(store, 'b'),
    ]);
    expect(results).toEqual(['stored', 'stored', undefined, undefined, 'stored', '2']);
  });

  it('deletes what was cleared in the background', async () => {
    const { store, dir } = await makeHarness();
    const entries = Array.from({ length: 100 }, (_, index) => ({
      key: `${index}`,
      bytes: new Uint8Array(10),
      ttl: LONG,
    }));
    await store.setMany(entries, call());
    await store.clear(call());
    expect(store.stats()).toMatchObject({ entries: 0, bytes: 0 });
    await store.sweep();
    expect(await readdir(dir)).toEqual([]);
  });

  it('never follows a link while it deletes', async () => {
    const { base, store, shardOf } = await makeHarness();
    await set(store, 'a', '1');
    await mkdir(join(base, 'outside'));
    await writeFile(join(base, 'outside/kept'), '');
    await symlink(join(base, 'outside'), join(shardOf('a'), 'link'));
    await store.clear(call());
    await store.sweep();
    expect(await readdir(join(base, 'outside'))).toEqual(['kept']);
  });
});

describe('links planted in the folder', () => {
  it('in place of a shard are neither read nor written through', async () => {
    const { base, store, damaged, fileOf, shardOf } = await makeHarness();
    await set(store, 'a', 'inside');
    const outside = join(base, 'outside');
    await rename(shardOf('a'), outside);
    const before = await stat(join(outside, fileOf('a').split('/').at(-1) ?? ''));
    await symlink(outside, shardOf('a'));
    expect(await get(store, 'a')).toBeUndefined();
    expect(damaged).toMatchObject([{ file: shardOf('a'), reason: 'kind', removed: true }]);

    for (const act of [
      () => set(store, 'a', 'again'),
      () => store.deleteMany(['a'], call()),
      () => store.touchMany?.(['a'], 5, call()),
      () => keysOf(store),
      () => store.sweep(),
      () => store.clear(call()),
    ]) {
      await rm(shardOf('a'), { recursive: true, force: true });
      await symlink(outside, shardOf('a'));
      await act();
    }
    await store.sweep();
    const [file, ...more] = await readdir(outside);
    expect(more).toEqual([]);
    const after = await stat(join(outside, file ?? ''));
    expect([after.ino, after.mtimeMs, after.size]).toEqual([
      before.ino,
      before.mtimeMs,
      before.size,
    ]);
  });

  it('in place of a shard do not make the evictor delete elsewhere', async () => {
    const { base, store, shardOf } = await makeHarness({ maxEntries: 2 });
    await set(store, 'a', '1');
    await rename(shardOf('a'), join(base, 'outside'));
    await symlink(join(base, 'outside'), shardOf('a'));
    for (const key of ['b', 'c', 'd', 'e']) await set(store, key, '1');
    expect(await readdir(join(base, 'outside'))).toHaveLength(1);
  });

  it('in place of an entry are not followed, and are replaced by the next write', async () => {
    const { base, store, damaged, fileOf, shardOf } = await makeHarness();
    const target = join(base, 'target');
    await writeFile(target, 'secret');
    await mkdir(shardOf('a'), { recursive: true });
    await symlink(target, fileOf('a'));
    expect(await get(store, 'a')).toBeUndefined();
    expect(damaged).toMatchObject([{ file: fileOf('a'), key: 'a', reason: 'kind', removed: true }]);
    await symlink(target, fileOf('a'));
    await store.touchMany?.(['a'], 5, call());
    expect(await set(store, 'a', 'mine')).toBe('stored');
    expect(await get(store, 'a')).toBe('mine');
    expect(await filesIn(base)).toHaveLength(2);
    expect((await stat(target)).size).toBe(6);
  });
});

describe('a scan', () => {
  it('comes in small pages, so that each is answered soon, also when nothing matches', async () => {
    const { store } = await makeHarness();
    const entries = Array.from({ length: 1000 }, (_, index) => ({
      key: `key ${index}`,
      bytes: new Uint8Array(1),
      ttl: LONG,
    }));
    await store.setMany(entries, call());
    const pages = await pagesOf(store, 'key');
    expect(pages.flat()).toHaveLength(1000);
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(128);
    const empty = await pagesOf(store, 'nothing');
    expect(empty.flat()).toEqual([]);
    expect(empty.length).toBe(pages.length);
  });

  it('ends when its signal aborts', async () => {
    const { store } = await makeHarness();
    await set(store, 'a', '1');
    const controller = new AbortController();
    const pages = store.keys?.('', { signal: controller.signal })[Symbol.asyncIterator]();
    await pages?.next();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(pages?.next()).rejects.toBe(reason);
  });
});

describe('calls', () => {
  it('reject with ClosedError once the store is closed', async () => {
    const { store } = await makeHarness();
    await set(store, 'a', '1');
    await Promise.all([store.close(), store.close()]);
    await expect(get(store, 'a')).rejects.toThrow(ClosedError);
    await expect(store.sweep()).rejects.toThrow(ClosedError);
    await expect(keysOf(store)).rejects.toThrow(ClosedError);
  });

  it('under way when the store is closed are finished first', async () => {
    const { store, another } = await makeHarness();
    const write = set(store, 'a', '1');
    await store.close();
    expect(await write).toBe('stored');
    expect(await get(another(), 'a')).toBe('1');
  });

  it('leave no timer behind when the store is closed', async () => {
    const { store, clock } = await makeHarness();
    await set(store, 'a', '1');
    await store.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('on thousands of keys at once use few descriptors', async () => {
    const { store } = await makeHarness({ concurrency: 4 });
    const keys = Array.from({ length: 2000 }, (_, index) => `${index}`);
    let most = 0;
    const watch = setInterval(() => {
      void readdir('/proc/self/fd')
        .catch(() => [])
        .then(({ length }) => (most = Math.max(most, length)));
    }, 1);
    const before = (await readdir('/proc/self/fd').catch(() => [])).length;
    await store.getMany(keys, call());
    await store.setMany(
      keys.map((key) => ({ key, bytes: new Uint8Array(100), ttl: LONG })),
      call(),
    );
    const found = await store.getMany(keys, call());
    clearInterval(watch);
    expect(found.every((entry) => entry !== undefined)).toBe(true);
    expect(most - before).toBeLessThan(50);
  });
});

describe('refusals', () => {
  it('a value beyond maxValueBytes or a file beyond maxBytes is refused; the former entry is gone', async () => {
    const { store, refused } = await makeHarness({ maxBytes: 2000, maxValueBytes: 1000 });
    await set(store, 'a', '1');
    expect(await set(store, 'a', new Uint8Array(1001))).toBe('refused');
    expect(await get(store, 'a')).toBeUndefined();
    await set(store, 'k'.repeat(900), '1');
    expect(await set(store, 'k'.repeat(1500), new Uint8Array(1000))).toBe('refused');
    expect(refused).toMatchObject([{ key: 'a', reason: 'tooLarge' }, { reason: 'tooLarge' }]);
    expect(store.stats()).toMatchObject({ refused: 2, entries: 1 });
  });

  it('options that make no sense are refused at construction', () => {
    const dir = '/nowhere';
    for (const [option, options] of Object.entries({
      dir: [{}, { dir: '' }, { dir: 'a\0b' }, { dir: '~other/x' }, { dir: 5 }],
      name: [{ dir, name: '' }],
      maxEntries: [
        { dir, maxEntries: 0 },
        { dir, maxEntries: 1.5 },
        { dir, maxEntries: Number.NaN },
      ],
      maxBytes: [
        { dir, maxBytes: -1 },
        { dir, maxBytes: '5 potatoes' },
      ],
      maxValueBytes: [
        { dir, maxValueBytes: 0 },
        { dir, maxValueBytes: '2kb', maxBytes: '1kb' },
      ],
      sweepInterval: [
        { dir, sweepInterval: 0 },
        { dir, sweepInterval: -5 },
      ],
      fsync: [{ dir, fsync: 'yes' }],
      concurrency: [{ dir, concurrency: 0 }],
      'fsStore.maxEntires': [{ dir, maxEntires: 5 }],
      'fsStore.maxEntries': [{ dir, maxEntries: null }],
      'fsStore.clock': [{ dir, clock: null }],
    })) {
      for (const wrong of options) {
        const attempt = (): unknown => fsStore(wrong as never);
        expect(attempt).toThrow(ConfigError);
        expect(attempt).toThrow(option);
      }
    }
  });

  it('an event that there is not is refused, with those that there are', async () => {
    const { store } = await makeHarness();
    expect(() => store.on('evicted' as never, () => {})).toThrow(
      "event must be one of 'damaged', 'refused', 'error', got \"evicted\"",
    );
  });
});
