import { call, under, type Alteration } from './alteration.ts';
import { pagesOf } from './faults.ts';

export const SIGNALS_ALTERATIONS: readonly Alteration[] = under('signals', [
  {
    breaks: 'given-up reads',
    store: ({ store }) => ({ getMany: (keys) => store.getMany(keys, call) }),
  },
  {
    breaks: 'the reason of given-up reads',
    store: ({ store }) => ({
      getMany: (keys, given) =>
        store.getMany(keys, given).catch(() => {
          throw new Error('aborted');
        }),
    }),
  },
  {
    breaks: 'given-up sets',
    store: ({ store }) => ({ setMany: (entries) => store.setMany(entries, call) }),
  },
  {
    breaks: 'given-up deletes, unnoticed',
    store: ({ store }) => ({
      deleteMany: async (keys, given) => {
        await store.deleteMany(keys, call);
        given.signal.throwIfAborted();
        return 1;
      },
    }),
  },
  {
    breaks: 'given-up clears',
    store: ({ store }) => ({ clear: () => store.clear({ signal: call.signal }) }),
  },
  {
    breaks: 'given-up touches',
    store: ({ store }) => ({ touchMany: async (keys, ttl) => store.touchMany?.(keys, ttl, call) }),
  },
  {
    breaks: 'given-up scans',
    store: ({ store }) => ({ keys: (prefix) => store.keys?.(prefix, call) ?? pagesOf([], 1) }),
  },
  {
    breaks: 'given-up tickets',
    fencing: ({ fencing }) => ({ ticket: (key, request) => fencing.ticket(key, request, call) }),
  },
  {
    breaks: 'given-up releases',
    fencing: ({ fencing }) => ({ release: (key, ticket) => fencing.release(key, ticket, call) }),
  },
  {
    breaks: 'given-up renewals',
    fencing: ({ fencing }) => ({
      renew: (key, ticket, ttl, given) => {
        if (given.signal.aborted) void fencing.renew(key, ticket, ttl, call);
        return fencing.renew(key, ticket, ttl, given);
      },
    }),
  },
  {
    breaks: 'given-up fills',
    fencing: ({ fencing }) => ({ fill: (entry, ticket) => fencing.fill(entry, ticket, call) }),
  },
  {
    breaks: 'given-up begins',
    fencing: ({ fencing }) => ({
      begin: (key, ticket, ttl) => fencing.begin(key, ticket, ttl, call),
    }),
  },
  {
    breaks: 'given-up settlements',
    fencing: ({ fencing }) => ({ settle: (entry, ticket) => fencing.settle(entry, ticket, call) }),
  },
  {
    breaks: 'given-up bumps',
    fencing: ({ fencing }) => ({
      bump: (members, reached, given) => {
        if (given.signal.aborted) void fencing.bump(members, reached, call);
        return fencing.bump(members, reached, given);
      },
    }),
  },
  {
    breaks: 'given-up deltas',
    fencing: ({ fencing }) => ({ delta: (position) => fencing.delta(position, call) }),
  },
]);
