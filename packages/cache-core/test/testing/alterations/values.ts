import type { StoredEntry } from '../../../src/contracts/cache-store.ts';
import { under, type Alteration } from './alteration.ts';
import { mapBytes, mapFound } from './faults.ts';

export const VALUES_ALTERATIONS: readonly Alteration[] = under('values', [
  {
    breaks: 'empty lists',
    store: ({ store }) => ({
      getMany: (keys, given) =>
        keys.length === 0 ? Promise.reject(new RangeError('no keys')) : store.getMany(keys, given),
    }),
  },
  {
    breaks: 'absence',
    store: mapFound((all) => all.map((one) => one ?? { bytes: new Uint8Array() })),
  },
  {
    breaks: 'sets',
    store: () => ({ setMany: async (entries) => entries.map(() => 'stored' as const) }),
  },
  {
    breaks: 'the order of the answers',
    store: mapFound((all) => all.toReversed()),
  },
  {
    breaks: 'the length of the answer',
    store: mapFound((all) => all.filter((one) => one !== undefined)),
  },
  {
    breaks: 'a key asked for twice',
    store: mapFound((all, keys) =>
      all.filter((_, index) => keys.indexOf(keys[index] ?? '') === index),
    ),
  },
  {
    breaks: 'the last of two entries for one key',
    store: ({ store }) => ({
      setMany: async (entries, given) =>
        (await store.setMany(entries.toReversed(), given)).toReversed(),
    }),
  },
  {
    breaks: 'overwriting',
    store: ({ store, backend }) => ({
      setMany: async (entries, given) => {
        await store.setMany(
          entries.filter(({ key }) => backend.entry(key) === undefined),
          given,
        );
        return entries.map(() => 'stored' as const);
      },
    }),
  },
  {
    breaks: 'the number of results',
    store: ({ store }) => ({
      setMany: async (entries, given) => (await store.setMany(entries, given)).slice(0, 1),
    }),
  },
  {
    breaks: 'the count of a delete',
    store: ({ store }) => ({
      deleteMany: async (keys, given) => {
        await store.deleteMany(keys, given);
        return keys.length;
      },
    }),
  },
  {
    breaks: 'the count of a key deleted twice',
    store: ({ store, backend }) => ({
      deleteMany: async (keys, given) => {
        const there = keys.filter((key) => backend.entry(key) !== undefined);
        await store.deleteMany(keys, given);
        return there.length;
      },
    }),
  },
  {
    breaks: 'values of no bytes',
    store: mapFound((all) => all.map((one) => (one?.bytes.length === 0 ? undefined : one))),
  },
  {
    breaks: 'bytes that are no text',
    store: mapBytes((bytes) => Buffer.from(Buffer.from(bytes).toString())),
  },
  {
    breaks: 'views into larger buffers',
    store: mapBytes((bytes) => new Uint8Array(bytes.buffer)),
  },
  {
    breaks: 'values beyond 64 KB',
    store: mapBytes((bytes) => bytes.slice(0, 65_535)),
  },
  {
    breaks: 'batches beyond 500',
    store: mapFound((all) => all.map((one, index) => (index < 500 ? one : undefined))),
  },
  {
    breaks: 'the ownership of bytes handed in',
    store: ({ store }) => {
      const given = new Map<string, Uint8Array>();
      return {
        setMany: (entries, one) => {
          for (const { key, bytes } of entries) given.set(key, bytes);
          return store.setMany(entries, one);
        },
        getMany: async (keys, one) =>
          (await store.getMany(keys, one)).map(
            (entry, index) =>
              entry && {
                ...entry,
                bytes: new Uint8Array(given.get(keys[index] ?? '') ?? entry.bytes),
              },
          ),
      };
    },
  },
  {
    breaks: 'the ownership of bytes handed out',
    store: ({ store }) => {
      const given = new Map<string, StoredEntry>();
      return {
        setMany: (entries, one) => {
          given.clear();
          return store.setMany(entries, one);
        },
        getMany: async (keys, one) =>
          (await store.getMany(keys, one)).map((entry, index) => {
            const key = keys[index] ?? '';
            if (entry !== undefined && !given.has(key)) given.set(key, entry);
            return entry && given.get(key);
          }),
      };
    },
  },
  {
    breaks: 'its announcement',
    store: ({ store }) => ({ capabilities: { ...store.capabilities, blocking: true } }),
  },
  {
    breaks: 'the rest of a batch when one value is too long',
    options: { maxValueBytes: 1000 },
    store: ({ store }) => ({
      setMany: async (entries, given) =>
        entries.some(({ bytes }) => bytes.length > 1000)
          ? entries.map(() => 'refused' as const)
          : store.setMany(entries, given),
    }),
  },
  {
    breaks: 'values that are too long',
    options: { maxValueBytes: 1000 },
    store: mapBytes((bytes) => bytes.subarray(0, 1000)),
  },
]);
