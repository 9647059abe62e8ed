import { under, type Alteration } from './alteration.ts';
import { pagesOf } from './faults.ts';

export const SCAN_ALTERATIONS: readonly Alteration[] = under('scan', [
  {
    breaks: 'the silence about what is not a key',
    store: ({ backend }) => ({ keys: () => pagesOf(['schema version', ...backend.keys], 1000) }),
  },
  {
    breaks: 'the prefix',
    store: ({ store }) => ({ keys: (_, given) => store.keys?.('', given) ?? pagesOf([], 1) }),
  },
  {
    breaks: 'the case of the prefix',
    store: ({ backend }) => ({
      keys: (prefix) =>
        pagesOf(
          backend.keys.filter((key) => key.toLowerCase().startsWith(prefix.toLowerCase())),
          100,
        ),
    }),
  },
  {
    breaks: 'the wildcards of LIKE in the prefix',
    store: ({ backend }) => ({
      keys: (prefix) =>
        pagesOf(
          backend.keys.filter((key) => prefix === '%' || prefix === '_' || key.startsWith(prefix)),
          100,
        ),
    }),
  },
  {
    breaks: 'all pages but the first',
    store: ({ backend }) => ({
      keys: (prefix) =>
        pagesOf(backend.keys.filter((key) => key.startsWith(prefix)).slice(0, 1000), 100),
    }),
  },
  {
    breaks: 'each key once',
    store: ({ backend }) => ({
      keys: (prefix) => {
        const keys = backend.keys.filter((key) => key.startsWith(prefix));
        return pagesOf([...keys, ...keys.slice(0, 1)], 100);
      },
    }),
  },
  {
    breaks: 'a scan beside changes',
    store: ({ backend }) => ({
      async *keys(prefix) {
        for (let start = 0; ; start += 100) {
          const page = backend.keys
            .filter((key) => key.startsWith(prefix))
            .slice(start, start + 100);
          if (page.length === 0) return;
          yield page;
        }
      },
    }),
  },
  {
    breaks: 'expired keys in a scan',
    store: ({ store, backend }) => {
      const ever = new Set<string>();
      return {
        setMany: (entries, given) => {
          for (const { key } of entries) ever.add(key);
          return store.setMany(entries, given);
        },
        deleteMany: (keys, given) => {
          for (const key of keys) ever.delete(key);
          return store.deleteMany(keys, given);
        },
        keys: (prefix) =>
          pagesOf(
            [...new Set([...backend.keys, ...ever])].filter((key) => key.startsWith(prefix)),
            100,
          ),
      };
    },
  },
]);
