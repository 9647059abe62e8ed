import { under, type Alteration } from './alteration.ts';
import { keepLongerLifetime, mapFound, mapTtl } from './faults.ts';

export const LIFETIMES_ALTERATIONS: readonly Alteration[] = under('lifetimes', [
  {
    breaks: 'clearExpired that spares what lives',
    store: ({ store }) => ({
      clearExpired: async (given) => {
        await store.clear(given);
        return 0;
      },
    }),
  },
  {
    breaks: 'sets of expired keys',
    store: ({ store, backend }) => {
      const ever = new Set<string>();
      return {
        setMany: async (entries, given) => {
          const kept = entries.filter(
            ({ key }) => !ever.has(key) || backend.entry(key) !== undefined,
          );
          for (const { key } of entries) ever.add(key);
          await store.setMany(kept, given);
          return entries.map(() => 'stored' as const);
        },
      };
    },
  },
  { breaks: 'lifetimes', store: mapTtl(() => Infinity) },
  {
    breaks: 'endless lifetimes',
    store: mapTtl((ttl) => Math.min(ttl, 86_400_000)),
  },
  {
    breaks: 'long lifetimes',
    store: mapTtl((ttl) => (ttl === Infinity ? ttl : Math.max(1, ttl | 0))),
  },
  { breaks: 'short lifetimes', store: mapTtl((ttl) => Math.max(ttl, 1000)) },
  {
    breaks: 'the remaining time as it passes',
    store: mapFound((all) =>
      all.map(
        (one) => one && { ...one, remaining: one.remaining === Infinity ? Infinity : 600_000 },
      ),
    ),
  },
  {
    breaks: 'the remaining time by unit',
    store: mapFound((all) =>
      all.map((one) => one && { ...one, remaining: (one.remaining ?? 0) / 1000 }),
    ),
  },
  {
    breaks: 'the lifetime of a later value',
    store: keepLongerLifetime,
  },
]);

export const TOUCH_ALTERATIONS: readonly Alteration[] = under('touch', [
  { breaks: 'touch', store: () => ({ touchMany: async () => {} }) },
  {
    breaks: 'touch of several keys',
    store: ({ store }) => ({
      touchMany: async (keys, ttl, given) => store.touchMany?.(keys.slice(0, 1), ttl, given),
    }),
  },
  {
    breaks: 'touch of absent keys',
    store: ({ store, backend }) => ({
      touchMany: async (keys, ttl, given) => {
        for (const key of keys)
          if (backend.entry(key) === undefined) backend.put(key, new Uint8Array(), ttl);
        return store.touchMany?.(keys, ttl, given);
      },
    }),
  },
  {
    breaks: 'touch that shortens',
    store: ({ store, backend }) => ({
      touchMany: async (keys, ttl, given) =>
        store.touchMany?.(
          keys.filter((key) => (backend.entry(key)?.remaining ?? 0) < ttl),
          ttl,
          given,
        ),
    }),
  },
  {
    breaks: 'what touch leaves alone',
    store: ({ backend, store }) => ({
      touchMany: async (keys, ttl, given) =>
        store.touchMany?.(keys.length > 1 ? backend.keys : keys, ttl, given),
    }),
  },
]);
