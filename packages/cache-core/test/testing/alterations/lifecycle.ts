import { under, type Alteration } from './alteration.ts';

export const LIFECYCLE_ALTERATIONS: readonly Alteration[] = under('lifecycle', [
  {
    breaks: 'the answers of calls under way at a close',
    store: ({ store }) => {
      let isOpen = true;
      return {
        getMany: async (keys, given) => {
          const found = await store.getMany(keys, given);
          return isOpen ? found : Promise.reject(undefined);
        },
        close: () => {
          isOpen = false;
          return store.close();
        },
      };
    },
  },
  {
    breaks: 'clear beyond a batch',
    store: ({ store, backend }) => ({
      clear: async (given) => {
        await store.deleteMany(backend.keys.slice(0, 100), given);
      },
    }),
  },
  {
    breaks: 'closing twice',
    store: ({ store }) => {
      let closed = false;
      return {
        close: async () => {
          if (closed) throw new Error('closed');
          closed = true;
          await store.close();
        },
      };
    },
  },
  {
    breaks: 'refusal after close',
    store: ({ store, backend }) => ({
      getMany: async (keys, given) =>
        store.getMany(keys, given).catch(() => keys.map((key) => backend.entry(key))),
    }),
  },
  {
    breaks: 'the error after close',
    store: ({ store }) => ({
      setMany: async (entries, given) =>
        store.setMany(entries, given).catch(() => {
          throw new TypeError('not open');
        }),
    }),
  },
  {
    breaks: 'health after close',
    store: () => ({ health: async () => ({ healthy: true }) }),
  },
  {
    breaks: 'health that never rejects',
    store: ({ store }) => ({
      health: async (given) => {
        given.signal.throwIfAborted();
        return store.health(given);
      },
    }),
  },
  {
    breaks: 'health of a store that works',
    store: () => ({ health: async () => ({ healthy: false, reason: 'unwell' }) }),
  },
  {
    breaks: 'refusal of bumps after close',
    fencing: ({ backend }) => ({
      bump: async (members, reached) => backend.ledger.bump(members, reached, 0),
    }),
  },
]);
