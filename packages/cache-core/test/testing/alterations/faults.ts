import type { StoredEntry } from '../../../src/contracts/cache-store.ts';
import type { LedgerDelta } from '../../../src/contracts/store-fencing.ts';
import type { ReferenceBackend } from '../../../src/testing/reference-backend.ts';
import type { AlterFencing, AlterStore, Original } from './alteration.ts';

/** Longer than any check takes, in milliseconds. */
export const STANDS = 600_000;

type Found = readonly (StoredEntry | undefined)[];

export function mapKeys(rename: (key: string) => string): AlterStore {
  return ({ store }) => ({
    getMany: (keys, given) => store.getMany(keys.map(rename), given),
    setMany: (entries, given) =>
      store.setMany(
        entries.map((entry) => ({ ...entry, key: rename(entry.key) || ' ' })),
        given,
      ),
    deleteMany: (keys, given) => store.deleteMany(keys.map(rename), given),
  });
}

export function mapFound(
  change: (found: Found, keys: readonly string[], original: Original) => Found,
): AlterStore {
  return (original) => ({
    getMany: async (keys, given) =>
      change(await original.store.getMany(keys, given), keys, original),
  });
}

export function mapBytes(change: (bytes: Uint8Array) => Uint8Array): AlterStore {
  return ({ store }) => ({
    setMany: (entries, given) =>
      store.setMany(
        entries.map((entry) => ({ ...entry, bytes: change(entry.bytes) })),
        given,
      ),
  });
}

export function mapTtl(change: (ttl: number) => number): AlterStore {
  return ({ store }) => ({
    setMany: (entries, given) =>
      store.setMany(
        entries.map((entry) => ({ ...entry, ttl: change(entry.ttl) })),
        given,
      ),
  });
}

export async function* pagesOf(
  keys: readonly string[],
  size: number,
): AsyncGenerator<readonly string[]> {
  for (let start = 0; start < keys.length; start += size) yield keys.slice(start, start + size);
}

/** Lets the ticket of each key stand again after what the store did. */
export function keepTickets(
  backend: ReferenceBackend,
  keys: readonly string[],
  run: () => void,
): void {
  const standing = keys.map((key) => [key, backend.ticketOf(key)] as const);
  run();
  for (const [key, ticket] of standing)
    if (ticket !== undefined) backend.putTicket(key, ticket, STANDS);
}

export function mapDelta(change: (reply: LedgerDelta) => object): AlterFencing {
  return ({ fencing }) => ({
    delta: async (position, given) => {
      const reply = await fencing.delta(position, given);
      return { ...reply, ...change(reply) };
    },
  });
}

/** Deletes nothing where there is no entry: neither the ticket, nor does anybody hear of it. */
export const ignoreDeletesOfNothing: AlterStore = ({ store, backend }) => ({
  deleteMany: (keys, given) =>
    store.deleteMany(
      keys.filter((key) => backend.entry(key) !== undefined),
      given,
    ),
});

/** Takes any fill as long as a ticket stands. */
export const fillUnderAnyTicket: AlterFencing = ({ fencing, backend }) => ({
  fill: (entry, _, given) => fencing.fill(entry, backend.ticketOf(entry.key) ?? '', given),
});

/** Settles by the rules, but nobody hears of it. */
export const settleSilently: AlterFencing = ({ backend }) => ({
  settle: async (entry, ticket) => {
    const isMine = backend.ticketOf(entry.key) === ticket;
    backend.removeTicket(entry.key);
    backend.evict(entry.key);
    if (isMine) backend.put(entry.key, entry.bytes, entry.ttl);
    return isMine ? 'stored' : 'refused';
  },
});

/** Leaves the ticket where it was stored under. */
export const keepSettledTicket: AlterFencing = ({ fencing, backend }) => ({
  settle: async (entry, ticket, given) => {
    const result = await fencing.settle(entry, ticket, given);
    if (result === 'stored') backend.putTicket(entry.key, ticket, STANDS);
    return result;
  },
});

/** Leaves the ticket that displaced the one of a lost settlement. */
export const keepDisplacingTicket: AlterFencing = ({ fencing, backend }) => ({
  settle: async (entry, ticket, given) => {
    const standing = backend.ticketOf(entry.key);
    const result = await fencing.settle(entry, ticket, given);
    if (result === 'refused' && standing !== undefined) {
      backend.putTicket(entry.key, standing, STANDS);
    }
    return result;
  },
});

/** Keeps the lifetime of the former value where that is longer. */
export const keepLongerLifetime: AlterStore = ({ store, backend }) => ({
  setMany: (entries, given) =>
    store.setMany(
      entries.map((entry) => ({
        ...entry,
        ttl: Math.max(entry.ttl, backend.entry(entry.key)?.remaining ?? 1),
      })),
      given,
    ),
});
