import type { CacheStore, StoreFencing } from '../../src/index.ts';
import type { BusHub, ReferenceBackend } from '../../src/testing.ts';

/** Makes one mechanism of a store fail. */
export type Alteration = (store: CacheStore, backend: ReferenceBackend, hub: BusHub) => CacheStore;

/** A store with other methods in place of some of its own. */
export function alter(
  store: CacheStore,
  methods: Partial<CacheStore>,
  fencing: Partial<StoreFencing> = {},
): CacheStore {
  const own = store.fencing as StoreFencing;
  const whole: CacheStore = {
    name: store.name,
    capabilities: store.capabilities,
    getMany: (keys, call) => store.getMany(keys, call),
    setMany: (entries, call) => store.setMany(entries, call),
    deleteMany: (keys, call) => store.deleteMany(keys, call),
    keys: (prefix, call) => store.keys?.(prefix, call) ?? nothing(),
    clear: (call) => store.clear(call),
    health: (call) => store.health(call),
    close: () => store.close(),
    fencing: {
      ticketMany: (requests, call) => own.ticketMany(requests, call),
      renewMany: (tickets, ttl, call) => own.renewMany(tickets, ttl, call),
      releaseMany: (tickets, call) => own.releaseMany(tickets, call),
      fillMany: (entries, call) => own.fillMany(entries, call),
      begin: (key, ticket, ttl, call) => own.begin(key, ticket, ttl, call),
      settle: (entry, call) => own.settle(entry, call),
      bump: (members, reached, call) => own.bump(members, reached, call),
      delta: (position, call) => own.delta(position, call),
      ...fencing,
    },
  };
  return { ...whole, ...methods };
}

async function* nothing(): AsyncGenerator<readonly string[]> {}

/** Runs a step of the store and puts back the tickets that it removed. */
async function sparingTickets<T>(
  backend: ReferenceBackend,
  keys: readonly string[],
  step: () => Promise<T>,
): Promise<T> {
  const tickets = keys.map((key) => backend.ticketOf(key));
  const result = await step();
  for (const [index, key] of keys.entries()) {
    const ticket = tickets[index];
    if (ticket !== undefined) backend.putTicket(key, ticket, 10_000);
  }
  return result;
}

const fencingOf = (store: CacheStore): StoreFencing => store.fencing as StoreFencing;

/** Stores in which one rule of the protocol does not hold; each must be caught. */
export const FAULTY_STORES = {
  'fill does not ask for the ticket': (store, backend) =>
    alter(
      store,
      {},
      {
        fillMany: async (entries) =>
          entries.map(({ key, bytes, ttl }) => {
            backend.removeTicket(key);
            backend.put(key, bytes, ttl);
            return 'stored';
          }),
      },
    ),
  'deleteMany leaves the tickets': (store, backend) =>
    alter(store, {
      deleteMany: (keys, call) => sparingTickets(backend, keys, () => store.deleteMany(keys, call)),
    }),
  'setMany leaves the tickets': (store, backend) =>
    alter(store, {
      setMany: (entries, call) =>
        sparingTickets(
          backend,
          entries.map(({ key }) => key),
          () => store.setMany(entries, call),
        ),
    }),
  'deltas lack facts': (store) =>
    alter(
      store,
      {},
      {
        delta: async (position, call) => ({
          ...(await fencingOf(store).delta(position, call)),
          facts: [],
        }),
      },
    ),
  'deltas lack drops': (store) =>
    alter(
      store,
      {},
      {
        delta: async (position, call) => ({
          ...(await fencingOf(store).delta(position, call)),
          drops: [],
        }),
      },
    ),
  'a gap is not told': (store) =>
    alter(
      store,
      {},
      {
        delta: async (position, call) => ({
          ...(await fencingOf(store).delta(position, call)),
          gap: false,
        }),
      },
    ),
  'a ledger that was lost has its old identity': (store) =>
    alter(
      store,
      {},
      {
        bump: async (members, reached, call) => ({
          ...(await fencingOf(store).bump(members, reached, call)),
          id: 'same',
        }),
        delta: async (position, call) => ({
          ...(await fencingOf(store).delta(position, call)),
          id: 'same',
        }),
      },
    ),
  'bumps are not recorded': (store) =>
    alter(
      store,
      {},
      {
        bump: async (_, reached, call) => {
          const { id, seq } = await fencingOf(store).delta({ seq: 0, drop: 0 }, call);
          return { id, prev: seq, seq: Math.max(seq, reached) + 1 };
        },
      },
    ),
  'begin leaves the value': (store, backend) =>
    alter(
      store,
      {},
      {
        begin: async (key, ticket, ttl) => {
          backend.putTicket(key, ticket, ttl);
        },
      },
    ),
  'begin does not displace a ticket': (store, backend) =>
    alter(
      store,
      {},
      {
        begin: async (key, ticket, ttl, call) => {
          const standing = backend.ticketOf(key);
          await fencingOf(store).begin(key, ticket, ttl, call);
          if (standing !== undefined) backend.putTicket(key, standing, ttl);
        },
      },
    ),
  'settle does not ask for the ticket': (store, backend) =>
    alter(
      store,
      {},
      {
        async settle({ key, bytes, ttl }) {
          backend.removeTicket(key);
          backend.put(key, bytes, ttl);
          return 'stored';
        },
      },
    ),
} as const satisfies Record<string, Alteration>;
