import { under, type Alteration } from './alteration.ts';

export const PERSISTENCE_ALTERATIONS: readonly Alteration[] = under('persistence', [
  {
    breaks: 'entries across a close',
    store: ({ store, backend }) => ({
      close: () => {
        backend.clear();
        return store.close();
      },
    }),
  },
  {
    breaks: 'lifetimes across a close',
    store: ({ store, backend }) => ({
      close: () => {
        for (const key of backend.keys) backend.touch(key, Infinity);
        return store.close();
      },
    }),
  },
  {
    breaks: 'the ledger across a close',
    store: ({ store, backend }) => ({
      close: () => {
        backend.loseLedger();
        return store.close();
      },
    }),
  },
  {
    breaks: 'a clear across a close',
    store: ({ store, backend }) => {
      let kept: readonly (readonly [string, Uint8Array])[] = [];
      return {
        clear: (given) => {
          kept = backend.keys.map(
            (key) => [key, backend.entry(key)?.bytes ?? new Uint8Array()] as const,
          );
          return store.clear(given);
        },
        close: () => {
          for (const [key, bytes] of kept) backend.put(key, bytes, Infinity);
          return store.close();
        },
      };
    },
  },
]);
