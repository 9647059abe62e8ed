/**
 * Parts of a member that are made not to do their work, each in one way. A fleet with such a part must be
 * found out by the checker: that is how it is known that the checker can find anything.
 */
import type {
  BusListener,
  CacheStore,
  InvalidationBus,
  StoreCall,
  StoreFencing,
  StoreNews,
} from '@perf/cache-core';
import { Redis } from 'ioredis';
import { KeySpace } from '../../../src/keys/key-space.ts';
import type { ClientSource, RedisStore } from '../../../src/index.ts';

/** How long others have between the news of a write and the write, in milliseconds. */
const BETWEEN = 500;

/** The parts that a cache is made of. */
export interface Parts {
  readonly store: CacheStore;
  readonly bus: InvalidationBus;
}

/** What a saboteur that goes behind the store's back has to know. */
interface Place {
  readonly source: ClientSource;
  readonly prefix: string;
}

type Sabotage = (parts: { store: RedisStore; bus: InvalidationBus }, place: Place) => Parts;

const SABOTAGES: Readonly<Record<string, Sabotage>> = {
  'nothing is published': ({ store, bus }) => ({
    store: withParts(muted(store), { fencing: muted(store.fencing) }),
    bus,
  }),
  'messages are lost, and nobody notices': ({ store, bus }) => ({
    store,
    bus: hidingGaps(bus, ['drop']),
  }),
  'nobody notices that the bus is gone': ({ store, bus }) => ({ store, bus: hidingGaps(bus, []) }),
  'a fill does not ask for its ticket': ({ store, bus }) => ({
    store: withFencing(store, { fillMany: (entries, call) => store.setMany(entries, call) }),
    bus,
  }),
  'deletes leave the tickets': ({ store, bus }, place) => {
    const leave = leavingTickets(place);
    const deleteMany: CacheStore['deleteMany'] = (keys, call) =>
      leave(keys, () => store.deleteMany(keys, call));
    return { store: withParts(store, { deleteMany }), bus };
  },
  'sets leave the tickets': ({ store, bus }, place) => {
    const leave = leavingTickets(place);
    const setMany: CacheStore['setMany'] = (entries, call) =>
      leave(
        entries.map(({ key }) => key),
        () => store.setMany(entries, call),
      );
    return { store: withParts(store, { setMany }), bus };
  },
  'an outage is hidden, and what was written meanwhile is lost': ({ store, bus }) => {
    const { fencing } = store;
    let id = '';
    return {
      store: withParts(
        withFencing(store, {
          delta: async ({ seq }, call) => {
            try {
              const delta = await fencing.delta({ seq, drop: 0 }, call);
              ({ id } = delta);
              return delta;
            } catch {
              return { id, facts: [], seq, drops: [], drop: 0, gap: false, complete: true };
            }
          },
          ticketMany: (requests, call) =>
            fencing
              .ticketMany(requests, call)
              .catch(() => requests.map(() => ({ kind: 'mine' }) as const)),
          fillMany: (entries, call) =>
            fencing.fillMany(entries, call).catch(() => entries.map(() => 'refused' as const)),
          releaseMany: (tickets, call) =>
            fencing.releaseMany(tickets, call).catch(() => tickets.map(() => false)),
        }),
        {
          getMany: (keys, call) => store.getMany(keys, call).catch(() => keys.map(() => undefined)),
          deleteMany: (keys, call) => store.deleteMany(keys, call).catch(() => 0),
        },
      ),
      bus,
    };
  },
  'late writes are not severed': ({ store, bus }) => ({
    store: withParts(store, { sever: () => Promise.resolve(true) }),
    bus,
  }),
  'what was acknowledged is never repeated': ({ store, bus }) => ({
    store: withParts(store, { watch: () => undefined }),
    bus,
  }),
  'a new ledger passes for the old one': ({ store, bus }) => ({
    store: withFencing(store, {
      delta: async (position, call) => {
        const delta = await store.fencing.delta(position, call);
        return { ...delta, id: 'same', seq: Math.max(delta.seq, position.seq) };
      },
      bump: async (members, reached, call) => ({
        ...(await store.fencing.bump(members, reached, call)),
        id: 'same',
      }),
    }),
    bus,
  }),
  'nobody hears of the facts of the ledger': ({ store, bus }) => ({
    store: withFencing(store, {
      delta: async (position, call) => ({
        ...(await store.fencing.delta(position, call)),
        facts: [],
        complete: true,
      }),
    }),
    bus: listeningBy(bus, (listener) => ({
      ...listener,
      onMessage(message) {
        if (kindOf(message) !== 'bump') listener.onMessage(message);
      },
    })),
  }),
  'news come before the write': ({ store, bus }) => ({
    store: withParts(store, {
      async deleteMany(keys, { signal, news }) {
        if (news !== undefined) await bus.publish(news.drop(keys), { signal });
        await new Promise((resolve) => {
          setTimeout(resolve, BETWEEN);
        });
        return store.deleteMany(keys, { signal });
      },
    }),
    bus,
  }),
  'a write-through ends without its ticket': ({ store, bus }) => ({
    store: withFencing(store, {
      async settle(entry, call) {
        const [result = 'unknown'] = await store.setMany([entry], call);
        return result;
      },
    }),
    bus,
  }),
};

/** The parts as they are, unless one of the sabotages is named. */
export function sabotaged(
  parts: { readonly store: RedisStore; readonly bus: InvalidationBus },
  name: string | undefined,
  place: Place,
): Parts {
  if (name === undefined) return parts;
  const sabotage = SABOTAGES[name];
  if (sabotage === undefined) throw new Error(`no sabotage "${name}"`);
  return sabotage(parts, place);
}

/** The object with some of its parts replaced; methods go on working on the object itself. */
function withParts<T extends object>(object: T, parts: Partial<CacheStore & InvalidationBus>): T {
  return new Proxy(object, {
    get(target, name): unknown {
      if (Object.hasOwn(parts, name)) return Reflect.get(parts, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function withFencing(store: RedisStore, parts: Partial<StoreFencing>): CacheStore {
  const { fencing } = store;
  return withParts(store, { fencing: withParts(fencing, parts as object) });
}

/** Numbers are given out for messages, but none is published. */
function muted<T extends object>(part: T): T {
  return new Proxy(part, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown =>
        Reflect.apply(value, target, args.map(withoutNews));
    },
  });
}

function withoutNews(argument: unknown): unknown {
  const { news } = (argument ?? {}) as Partial<StoreCall>;
  if (news === undefined) return argument;
  const silent: StoreNews = {
    channel: news.channel,
    drop(keys) {
      news.drop(keys);
      return '';
    },
    ended: () => '',
    bump: () => ({ before: '', after: '' }),
  };
  return { ...(argument as StoreCall), news: silent };
}

/** Puts the tickets back that stood before. */
function leavingTickets({
  source,
  prefix,
}: Place): <T>(keys: readonly string[], write: () => Promise<T>) => Promise<T> {
  const client = new Redis(source.url ?? '');
  const space = new KeySpace(prefix);
  return async (keys, write) => {
    const tickets = keys.map((key) => space.ticketOf(key));
    const standing = await client.mget(...tickets);
    const result = await write();
    for (const [index, ticket] of standing.entries()) {
      if (ticket !== null) await client.set(tickets[index] ?? '', ticket, 'PX', 10_000, 'NX');
    }
    return result;
  };
}

function listeningBy(
  bus: InvalidationBus,
  change: (listener: BusListener) => BusListener,
): InvalidationBus {
  return withParts(bus, {
    open: (listener: BusListener) => {
      bus.open(change(listener));
    },
  });
}

function kindOf(message: string): string {
  return message.split(' ', 2)[1] ?? '';
}

/**
 * Nothing shows that messages were missed: disconnections are not told, numbers have no holes, one's own
 * echo always comes, and nobody falls silent.
 */
function hidingGaps(bus: InvalidationBus, lost: readonly string[]): InvalidationBus {
  let told: BusListener | undefined;
  let connected = false;
  let own = '';
  const numbers = new Map<string, number>();
  const beats = new Map<string, string>();
  const beatAgain = setInterval(() => {
    for (const [from, beat] of beats) told?.onMessage(renumbered(beat, numbers.get(from) ?? 0));
  }, 500);
  const hear = (listener: BusListener, message: string): void => {
    const [, kind = '', from = ''] = message.split(' ', 3);
    if (from === own || lost.includes(kind)) return;
    if (kind === 'drop') {
      numbers.set(from, (numbers.get(from) ?? 0) + 1);
    }
    const shown =
      kind === 'drop' || kind === 'beat' || kind === 'bye'
        ? renumbered(message, numbers.get(from) ?? 0)
        : message;
    if (kind === 'beat') beats.set(from, message);
    listener.onMessage(shown);
  };
  return withParts(bus, {
    open: (listener: BusListener) => {
      told = listener;
      bus.open({
        onMessage: (message) => {
          hear(listener, message);
        },
        onConnected() {
          if (!connected) listener.onConnected();
          connected = true;
        },
        onDisconnected: () => undefined,
      });
    },
    publish: (message: string, call: StoreCall) => {
      if (kindOf(message) === 'beat') {
        own = message.split(' ', 3)[2] ?? '';
        queueMicrotask(() => told?.onMessage(message));
      }
      // Whether it was taken is not told either.
      bus.publish(message, call).catch(() => undefined);
      return Promise.resolve();
    },
    reconnect: () => undefined,
    close: () => {
      clearInterval(beatAgain);
      return bus.close();
    },
  });
}

function renumbered(message: string, number: number): string {
  const [version, kind, from, , ...rest] = message.split(' ');
  return [version, kind, from, number, ...rest].join(' ');
}
