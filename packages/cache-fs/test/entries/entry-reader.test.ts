import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { call, get, keysOf, makeHarness, set, type Harness } from '../fixtures/harness.ts';

/** Bigger than what is read in one go. */
const LARGE = Buffer.alloc(200_000, 'large value ').toString();

async function flip(path: string, position: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

const DAMAGES: Readonly<Record<string, { reason: string; harm: (h: Harness) => Promise<void> }>> = {
  'an empty file': { reason: 'length', harm: ({ fileOf }) => truncate(fileOf('a'), 0) },
  'a truncated head': { reason: 'length', harm: ({ fileOf }) => truncate(fileOf('a'), 20) },
  'a truncated key': { reason: 'length', harm: ({ fileOf }) => truncate(fileOf('a'), 40) },
  'a truncated value': { reason: 'length', harm: ({ fileOf }) => truncate(fileOf('a'), 45) },
  'a file that goes on': {
    reason: 'length',
    harm: async ({ fileOf }) => {
      const file = await open(fileOf('a'), 'a');
      await file.write('x');
      await file.close();
    },
  },
  'a flipped bit in the magic': { reason: 'format', harm: ({ fileOf }) => flip(fileOf('a'), 0) },
  'a flipped bit in the lifetime': {
    reason: 'checksum',
    harm: ({ fileOf }) => flip(fileOf('a'), 33),
  },
  'a flipped bit in the key': { reason: 'checksum', harm: ({ fileOf }) => flip(fileOf('a'), 40) },
  'a flipped bit in the value': { reason: 'checksum', harm: ({ fileOf }) => flip(fileOf('a'), 50) },
  "another key's file": {
    reason: 'key',
    harm: async ({ store, fileOf }) => {
      await set(store, 'b', 'of another key');
      await copyFile(fileOf('b'), fileOf('a'));
      await store.deleteMany(['b'], call());
    },
  },
  'a foreign file': {
    reason: 'format',
    harm: ({ fileOf }) => writeFile(fileOf('a'), 'x'.repeat(1000)),
  },
  'a folder': {
    reason: 'kind',
    harm: async ({ fileOf }) => {
      await rm(fileOf('a'));
      await mkdir(`${fileOf('a')}/in/it`, { recursive: true });
    },
  },
  'a pipe': {
    reason: 'kind',
    harm: async ({ fileOf }) => {
      await rm(fileOf('a'));
      execFileSync('mkfifo', [fileOf('a')]);
    },
  },
};

for (const [what, { reason, harm }] of Object.entries(DAMAGES)) {
  describe(`${what} in the place of an entry`, () => {
    it('is absent, reported and removed when it is read', async () => {
      const harness = await makeHarness();
      const { store, damaged, fileOf } = harness;
      await set(store, 'a', 'value of a');
      await harm(harness);
      expect(await get(store, 'a')).toBeUndefined();
      expect(damaged).toMatchObject([{ file: fileOf('a'), key: 'a', reason, removed: true }]);
      expect(await get(store, 'a')).toBeUndefined();
      expect(damaged).toHaveLength(1);
      expect(store.stats()).toMatchObject({ damaged: 1, entries: 0 });
    });

    it('is removed by a sweep or at least not taken for an entry', async () => {
      const harness = await makeHarness();
      await set(harness.store, 'a', 'value of a');
      await harm(harness);
      const store = harness.another();
      await store.sweep();
      expect(await get(store, 'a')).toBeUndefined();
      expect(await keysOf(store)).toEqual([]);
    });

    it('is replaced by the next write', async () => {
      const harness = await makeHarness();
      await set(harness.store, 'a', 'value of a');
      await harm(harness);
      expect(await set(harness.store, 'a', 'new')).toBe('stored');
      expect(await get(harness.store, 'a')).toBe('new');
    });

    it('can be touched and deleted', async () => {
      const harness = await makeHarness();
      await set(harness.store, 'a', 'value of a');
      await harm(harness);
      const store = harness.another();
      await store.touchMany?.(['a'], 1000, call());
      expect(await store.deleteMany(['a'], call())).toBeLessThan(2);
      expect(await get(store, 'a')).toBeUndefined();
    });
  });
}

describe('large entries', () => {
  it('come back whole', async () => {
    const { store } = await makeHarness();
    await set(store, 'a', LARGE);
    expect(await get(store, 'a')).toBe(LARGE);
  });

  it('that are truncated or damaged are absent', async () => {
    const { store, damaged, fileOf } = await makeHarness();
    await set(store, 'a', LARGE);
    await truncate(fileOf('a'), 100_000);
    expect(await get(store, 'a')).toBeUndefined();
    await set(store, 'a', LARGE);
    await flip(fileOf('a'), 150_000);
    expect(await get(store, 'a')).toBeUndefined();
    expect(damaged.map(({ reason }) => reason)).toEqual(['length', 'checksum']);
  });

  it('of exactly the length read at once come back whole', async () => {
    const { store } = await makeHarness();
    for (const length of [65_536 - 42, 65_536 - 41, 65_536 - 40]) {
      await set(store, 'a', 'x'.repeat(length));
      expect((await get(store, 'a'))?.length).toBe(length);
    }
  });

  it('a head that claims more than any file may hold takes no memory', async () => {
    const { store, damaged, fileOf } = await makeHarness();
    await set(store, 'a', 'value');
    const bytes = await readFile(fileOf('a'));
    bytes.writeDoubleLE(2 ** 45, 16);
    await writeFile(fileOf('a'), bytes);
    await truncate(fileOf('a'), 2 ** 33);
    expect(await get(store, 'a')).toBeUndefined();
    expect(damaged).toMatchObject([{ reason: 'length' }]);
  });
});

it('keys of a megabyte are read by scans, too', async () => {
  const { store } = await makeHarness();
  const key = 'k'.repeat(2 ** 20);
  await set(store, key, 'value');
  expect(await keysOf(store, 'kk')).toEqual([key]);
  expect(await keysOf(store, 'x')).toEqual([]);
});
