import { call, under, type Alteration } from './alteration.ts';
import { ignoreDeletesOfNothing, mapDelta, settleSilently } from './faults.ts';

export const DROPS_ALTERATIONS: readonly Alteration[] = under('drops', [
  {
    breaks: 'the silence of a store beside a bus',
    options: { scope: 'network', drops: false },
    fencing: mapDelta(() => ({ drops: ['a'] })),
  },
  {
    breaks: 'the silence about one’s own keys',
    options: { writer: 'everybody' },
    backend: (backend) => {
      const original = backend.delta.bind(backend);
      backend.delta = (position) => original(position, 'nobody');
    },
  },
  {
    breaks: 'the news of sets',
    store: ({ store, backend }) => ({
      setMany: async (entries) => {
        for (const { key, bytes, ttl } of entries) {
          backend.put(key, bytes, ttl);
          backend.removeTicket(key);
        }
        return (
          await store.getMany(
            entries.map(({ key }) => key),
            call,
          )
        ).map(() => 'stored' as const);
      },
    }),
  },
  {
    breaks: 'the news of deletes of nothing',
    store: ignoreDeletesOfNothing,
  },
  {
    breaks: 'the news of begins',
    fencing: ({ backend }) => ({
      begin: async (key, ticket, ttl) => {
        backend.evict(key);
        backend.putTicket(key, ticket, ttl);
      },
    }),
  },
  {
    breaks: 'the news of settlements',
    fencing: settleSilently,
  },
  {
    breaks: 'the silence about fills',
    fencing: ({ fencing, backend }) => ({
      fill: (entry, ticket, given) => {
        backend.drop(entry.key, '');
        return fencing.fill(entry, ticket, given);
      },
    }),
  },
  {
    breaks: 'the silence about touches',
    store: ({ store, backend }) => ({
      touchMany: async (keys, ttl, given) => {
        for (const key of keys) backend.drop(key, '');
        return store.touchMany?.(keys, ttl, given);
      },
    }),
  },
  {
    breaks: 'news for the reader after the first',
    fencing: ({ fencing, backend }) => ({
      delta: async (position, given) => {
        const reply = await fencing.delta(position, given);
        if (reply.drops.length > 0) {
          const end = reply.drop;
          backend.forgetDrops(0);
          return { ...reply, drop: end };
        }
        return { ...reply, gap: false };
      },
    }),
  },
  {
    breaks: 'news told once',
    fencing: ({ fencing }) => ({
      delta: async (position, given) => {
        const reply = await fencing.delta(position, given);
        return { ...reply, drop: reply.complete ? Math.min(reply.drop, 1) : reply.drop };
      },
    }),
  },
  { breaks: 'the gap', fencing: mapDelta(() => ({ gap: false })) },
  { breaks: 'the absence of gaps', fencing: mapDelta(() => ({ gap: true })) },
  {
    breaks: 'the pages of news',
    backend: (backend) => {
      const original = backend.delta.bind(backend);
      backend.delta = (position, reader) => {
        const reply = original(position, reader);
        return { ...reply, drops: reply.drops.slice(0, 100), gap: false };
      };
    },
  },
  {
    breaks: 'the news of keys with a NUL',
    fencing: mapDelta(({ drops }) => ({ drops: drops.map((key) => key.split('\0')[0] ?? '') })),
  },
]);
