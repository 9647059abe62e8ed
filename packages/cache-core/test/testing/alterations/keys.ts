import { under, type Alteration } from './alteration.ts';
import { mapKeys } from './faults.ts';

export const KEYS_ALTERATIONS: readonly Alteration[] = under('keys', [
  {
    breaks: 'keys that are too long',
    options: { maxKeyBytes: 100 },
    store: mapKeys((key) => key.slice(0, 100)),
  },
  { breaks: 'spaces in keys', store: mapKeys((key) => key.trim()) },
  { breaks: 'the case of keys', store: mapKeys((key) => key.toLowerCase()) },
  {
    breaks: 'NUL in keys',
    store: mapKeys((key) => (key.startsWith('\0') ? key : (key.split('\0')[0] ?? ''))),
  },
  { breaks: 'the normal form of keys', store: mapKeys((key) => key.normalize()) },
  {
    breaks: 'dots and slashes in keys',
    store: mapKeys((key) => key.replaceAll(/\/+/g, '/')),
  },
  { breaks: 'the end of long keys', store: mapKeys((key) => key.slice(0, 255)) },
  {
    breaks: 'keys that are wildcards elsewhere',
    store: ({ store, backend }) => ({
      deleteMany: async (keys, given) => {
        if (keys.includes('*')) backend.clear();
        return (await store.deleteMany(keys, given)) + (keys.includes('*') ? 1 : 0);
      },
    }),
  },
  {
    breaks: 'keys that objects have',
    store: ({ store }) => {
      const index: Record<string, true> = {};
      return {
        setMany: (entries, given) => {
          for (const { key } of entries) index[key] = true;
          return store.setMany(entries, given);
        },
        getMany: async (keys, given) =>
          (await store.getMany(keys, given)).map((entry, at) =>
            index[keys[at] ?? ''] === true ? entry : undefined,
          ),
      };
    },
  },
  {
    breaks: 'the length of keys in bytes',
    options: { maxKeyBytes: 100 },
    store: ({ store, backend }) => ({
      setMany: async (entries, given) => {
        const results = await store.setMany(entries, given);
        return entries.map((entry, at) => {
          if (entry.key.length > 100) return results[at] ?? 'refused';
          backend.put(entry.key, entry.bytes, entry.ttl);
          return 'stored';
        });
      },
    }),
  },
]);
