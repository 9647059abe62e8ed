import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { StoreUnavailableError } from '@perf/cache-core';
import { mkdir } from 'node:fs/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as FileCalls from '../../src/disk/file-calls.ts';
import { LONG, call, filesIn, get, makeHarness, set } from '../fixtures/harness.ts';

type Calls = typeof FileCalls;

/** Replaces single file calls; the others go to the file system. */
const faults = vi.hoisted(() => new Map<string, (...given: unknown[]) => unknown>());

vi.mock(import('../../src/disk/file-calls.ts'), async (original) => {
  const real = await original();
  const wrap = <Name extends 'open' | 'writeAll' | 'close' | 'rename' | 'syncFile' | 'unlink'>(
    name: Name,
  ): Calls[Name] =>
    ((...given: unknown[]) => {
      const call = real[name] as (...given: unknown[]) => unknown;
      const fault = faults.get(name);
      return fault === undefined ? call(...given) : fault(call, ...given);
    }) as Calls[Name];
  return {
    ...real,
    open: wrap('open'),
    writeAll: wrap('writeAll'),
    close: wrap('close'),
    rename: wrap('rename'),
    syncFile: wrap('syncFile'),
    unlink: wrap('unlink'),
  };
});

function failing(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`${code}: simulated`), { code }));
}

/** Makes one call wait; `reached` resolves when it has come so far. */
function holding(name: string) {
  const reached = createDeferred();
  const release = createDeferred();
  faults.set(name, async (call, ...given) => {
    reached.resolve();
    await release.promise;
    return (call as (...given: unknown[]) => unknown)(...given);
  });
  return { reached: reached.promise, release: release.resolve };
}

beforeEach(() => {
  faults.clear();
});

describe('a write whose deadline passes', () => {
  it('before its last step is not applied, rejects and leaves no temporary file', async () => {
    const { store, dir } = await makeHarness();
    await set(store, 'a', 'old');
    const { reached, release } = holding('writeAll');
    const controller = new AbortController();
    const write = store.setMany([{ key: 'a', bytes: Buffer.from('new'), ttl: LONG }], controller);
    await reached;
    const reason = new Error('too late');
    controller.abort(reason);
    await expect(write).rejects.toBe(reason);
    const read = get(store, 'a');
    release();
    expect(await read).toBe('old');
    expect(await filesIn(dir)).toHaveLength(1);
    expect(store.stats()).toMatchObject({ stored: 1, entries: 1 });
  });

  it('in its last step is unknown, and what was called later comes later', async () => {
    const { store } = await makeHarness();
    await set(store, 'a', 'old');
    const { reached, release } = holding('rename');
    const controller = new AbortController();
    const write = store.setMany([{ key: 'a', bytes: Buffer.from('late'), ttl: LONG }], controller);
    await reached;
    controller.abort(new Error('too late'));
    expect(await write).toEqual(['unknown']);
    faults.clear();
    const read = get(store, 'a');
    const deleted = store.deleteMany(['a'], call());
    await settle();
    release();
    expect(await read).toBe('late');
    expect(await deleted).toBe(1);
    expect(await get(store, 'a')).toBeUndefined();
  });

  it('in a batch tells what was stored and leaves the rest open', async () => {
    const { store, fileOf } = await makeHarness();
    await set(store, 'other', '1');
    const reached = createDeferred();
    const release = createDeferred();
    faults.set('rename', async (rename, from, to) => {
      if (to === fileOf('b')) {
        reached.resolve();
        await release.promise;
      }
      return (rename as Calls['rename'])(from as string, to as string);
    });
    const controller = new AbortController();
    const write = store.setMany(
      ['a', 'b'].map((key) => ({ key, bytes: Buffer.from('value'), ttl: LONG })),
      controller,
    );
    await reached.promise;
    await vi.waitFor(
      () => {
        expect(store.stats().stored).toBe(2);
      },
      { timeout: 10_000 },
    );
    controller.abort(new Error('too late'));
    expect(await write).toEqual(['stored', 'unknown']);
    release.resolve();
    expect(await get(store, 'b')).toBe('value');
  });

  it('while it waits for an earlier one never begins', async () => {
    const { store } = await makeHarness();
    const { reached, release } = holding('rename');
    const first = set(store, 'a', 'first');
    await reached;
    const controller = new AbortController();
    const second = store.setMany([{ key: 'a', bytes: Buffer.from('2'), ttl: LONG }], controller);
    controller.abort(new Error('too late'));
    await expect(second).rejects.toThrow('too late');
    release();
    expect(await first).toBe('stored');
    expect(await get(store, 'a')).toBe('first');
  });
});

describe('a read whose deadline passes', () => {
  it('rejects at once; others of the same key are answered', async () => {
    const { store } = await makeHarness();
    await set(store, 'a', 'value');
    const { reached, release } = holding('open');
    const controller = new AbortController();
    const read = store.getMany(['a'], controller);
    await reached;
    const other = get(store, 'a');
    controller.abort(new Error('too late'));
    await expect(read).rejects.toThrow('too late');
    release();
    expect(await other).toBe('value');
  });
});

describe('a disk without space', () => {
  for (const [at, code] of [
    ['writeAll', 'ENOSPC'],
    ['writeAll', 'EDQUOT'],
    ['writeAll', 'EFBIG'],
    ['open', 'ENOSPC'],
    ['close', 'EDQUOT'],
    ['rename', 'ENOSPC'],
  ] as const) {
    it(`refuses a value (${code} at ${at}); the former entry is gone, no file is left`, async () => {
      const { store, dir, refused } = await makeHarness();
      await set(store, 'a', 'old');
      faults.set(at, failing(code));
      expect(await set(store, 'a', 'new')).toBe('refused');
      faults.clear();
      expect(await get(store, 'a')).toBeUndefined();
      expect(await filesIn(dir)).toEqual([]);
      expect(refused).toMatchObject([{ key: 'a', reason: 'noSpace', cause: { code } }]);
      expect(await set(store, 'a', 'again')).toBe('stored');
    });
  }

  it('that does not even let the former entry go is store trouble', async () => {
    const { store } = await makeHarness();
    await set(store, 'a', 'old');
    faults.set('writeAll', failing('ENOSPC'));
    faults.set('unlink', failing('EIO'));
    await expect(set(store, 'a', 'new')).rejects.toThrow(StoreUnavailableError);
  });
});

describe('a disk with trouble', () => {
  for (const [at, code] of [
    ['open', 'EROFS'],
    ['open', 'EMFILE'],
    ['writeAll', 'EIO'],
    ['close', 'EIO'],
    ['rename', 'EACCES'],
  ] as const) {
    it(`rejects (${code} at ${at}), and the former entry stays`, async () => {
      const { store, dir } = await makeHarness();
      await set(store, 'a', 'old');
      faults.set(at, failing(code));
      await expect(set(store, 'a', 'new')).rejects.toMatchObject({
        code: 'PERF_CACHE_STORE',
        cause: { code },
      });
      faults.clear();
      expect(await get(store, 'a')).toBe('old');
      expect(await filesIn(dir)).toHaveLength(1);
    });
  }

  it('that cannot say whether a rename has reached it makes the write unknown', async () => {
    const { store } = await makeHarness({ fsync: true });
    await set(store, 'a', 'old');
    let syncs = 0;
    faults.set('syncFile', (sync, fd) =>
      ++syncs === 2 ? failing('EIO')() : (sync as Calls['syncFile'])(fd as number),
    );
    expect(await set(store, 'a', 'new')).toBe('unknown');
  });

  it('does not keep reads of other keys from being read, and fails the batch as a whole', async () => {
    const { store, fileOf } = await makeHarness();
    await set(store, 'a', '1');
    faults.set('open', (open, path, flags) =>
      path === fileOf('b')
        ? failing('EIO')()
        : (open as Calls['open'])(path as string, flags as number),
    );
    expect(await get(store, 'a')).toBe('1');
    await expect(store.getMany(['a', 'b'], call())).rejects.toThrow(StoreUnavailableError);
  });

  it('a file that cannot be opened counts as damaged', async () => {
    const { store, damaged } = await makeHarness();
    await set(store, 'a', '1');
    faults.set('open', failing('EACCES'));
    expect(await get(store, 'a')).toBeUndefined();
    expect(damaged).toMatchObject([{ key: 'a', reason: 'unreadable', cause: { code: 'EACCES' } }]);
  });

  it('an eviction that fails is reported, and the write is not hurt', async () => {
    const { store, errors } = await makeHarness({ maxEntries: 1 });
    await set(store, 'a', '1');
    faults.set('unlink', failing('EIO'));
    expect(await set(store, 'b', '1')).toBe('stored');
    expect(errors[0]).toMatchObject({ operation: 'evict', cause: { code: 'EIO' } });
  });
});

it('a shard that another process clears during a write is made again', async () => {
  const { store, dir, shardOf } = await makeHarness();
  await set(store, 'a', 'old');
  let cleared = false;
  faults.set('rename', async (rename, from, to) => {
    if (!cleared) {
      cleared = true;
      await (rename as Calls['rename'])(shardOf('a'), `${dir}/perf1-trash-x`);
    }
    await (rename as Calls['rename'])(from as string, to as string);
  });
  expect(await set(store, 'a', 'new')).toBe('stored');
  expect(await get(store, 'a')).toBe('new');
});

it('a folder that is put in the way of the rename is moved aside', async () => {
  const { store, fileOf } = await makeHarness();
  await set(store, 'b', '');
  let planted = false;
  faults.set('rename', async (rename, from, to) => {
    if (!planted && to === fileOf('a')) {
      planted = true;
      await mkdir(`${fileOf('a')}/x`, { recursive: true });
    }
    await (rename as Calls['rename'])(from as string, to as string);
  });
  expect(await set(store, 'a', 'new')).toBe('stored');
  expect(await get(store, 'a')).toBe('new');
});
