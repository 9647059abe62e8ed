import type { StoredEntry } from '../../../src/contracts/cache-store.ts';
import type { ReferenceBackend } from '../../../src/testing/reference-backend.ts';
import { under, type Alteration } from './alteration.ts';

/** Which handle is writing, 0 if none. */
const busy = new WeakMap<ReferenceBackend, number>();

export const CONCURRENCY_ALTERATIONS: readonly Alteration[] = under('concurrency', [
  {
    breaks: 'the order of sets',
    store: ({ store }) => {
      let turns = 100;
      return {
        setMany: async (entries, given) => {
          turns--;
          const wait = turns;
          for (let turn = 0; turn < wait; turn++) await Promise.resolve();
          return store.setMany(entries, given);
        },
      };
    },
  },
  {
    breaks: 'the order of sets and deletes',
    store: ({ store }) => ({
      setMany: async (entries, given) => {
        await Promise.resolve();
        return store.setMany(entries, given);
      },
    }),
  },
  {
    breaks: 'the order of reads and writes',
    store: ({ store }) => {
      let last: Promise<unknown> = Promise.resolve();
      return {
        setMany: (entries, given) => {
          const result = last.then(() => store.setMany(entries, given));
          last = result;
          return result;
        },
      };
    },
  },
  {
    breaks: 'whole values',
    store: ({ store, backend }) => ({
      setMany: async (entries, given) => {
        const results = await store.setMany(
          entries.map(({ key, bytes, ttl }) => ({
            key,
            bytes: Buffer.concat([
              bytes.subarray(0, bytes.length / 2),
              backend.entry(key)?.bytes.subarray(bytes.length / 2) ??
                bytes.subarray(bytes.length / 2),
            ]),
            ttl,
          })),
          given,
        );
        await Promise.resolve();
        for (const { key, bytes, ttl } of entries) backend.put(key, bytes, ttl);
        return results;
      },
    }),
  },
  {
    breaks: 'many calls at once',
    store: ({ store }) => {
      let underWay = 0;
      return {
        getMany: async (keys, given) => {
          if (underWay > 500) throw new Error('busy');
          underWay++;
          try {
            await Promise.resolve();
            return await store.getMany(keys, given);
          } finally {
            underWay--;
          }
        },
      };
    },
  },
]);

export const SEVERAL_HANDLES_ALTERATIONS: readonly Alteration[] = under('several handles', [
  {
    breaks: 'what other handles overwrite',
    store: ({ store }) => {
      const own = new Map<string, StoredEntry>();
      return {
        setMany: (entries, given) => {
          for (const { key, bytes } of entries) own.set(key, { bytes });
          return store.setMany(entries, given);
        },
        getMany: async (keys, given) =>
          (await store.getMany(keys, given)).map((entry, at) => own.get(keys[at] ?? '') ?? entry),
      };
    },
  },
  {
    breaks: 'writes of several handles at once',
    backend: (backend) => {
      busy.set(backend, 0);
    },
    store: ({ store, backend, handle }) => ({
      setMany: async (entries, given) => {
        const writing = busy.get(backend) ?? 0;
        if (writing !== 0 && writing !== handle) return entries.map(() => 'refused' as const);
        busy.set(backend, handle);
        const results = await store.setMany(entries, given);
        busy.set(backend, 0);
        return results;
      },
    }),
  },
  {
    breaks: 'what other handles write',
    store: ({ store }) => {
      const seen = new Map<string, StoredEntry>();
      return {
        setMany: (entries, given) => {
          for (const { key } of entries) seen.delete(key);
          return store.setMany(entries, given);
        },
        getMany: async (keys, given) =>
          (await store.getMany(keys, given)).map((entry, at) => {
            const key = keys[at] ?? '';
            if (entry !== undefined && !seen.has(key)) seen.set(key, entry);
            return seen.get(key);
          }),
      };
    },
  },
  {
    breaks: 'the data when a handle closes',
    store: ({ store, backend }) => ({
      close: () => {
        backend.clear();
        return store.close();
      },
    }),
  },
  {
    breaks: 'what other handles cleared',
    store: ({ handle, store }) =>
      handle === 1 ? { clear: async () => {} } : { clear: (given) => store.clear(given) },
  },
]);
