import { altered, under, type Alteration, type Original } from './alteration.ts';
import type { CacheStore } from '../../../src/contracts/cache-store.ts';
import type { StoreFencing } from '../../../src/contracts/store-fencing.ts';

/** Changes how the batches are carried out. */
function batches(
  change: (fencing: StoreFencing, original: Original) => Partial<StoreFencing>,
): (original: Original) => Partial<CacheStore> {
  return (original) => {
    const fencing = original.store.fencing as StoreFencing;
    return { fencing: altered(fencing, change(fencing, original)) };
  };
}

export const TICKET_BATCHES_ALTERATIONS: readonly Alteration[] = under('batches', [
  {
    breaks: 'the order of the answers',
    store: batches((fencing) => ({
      ticketMany: async (requests, given) =>
        (await fencing.ticketMany(requests, given)).toReversed(),
    })),
  },
  {
    breaks: 'the wishes of each key',
    store: batches((fencing) => ({
      ticketMany: (requests, given) =>
        fencing.ticketMany(
          requests.map((request) => ({ ...requests[0], ...request, ttl: requests[0]?.ttl ?? 1 })),
          given,
        ),
    })),
  },
  {
    breaks: 'the independence of the keys of a fill',
    store: batches((fencing, { backend }) => ({
      fillMany: async (entries, given) =>
        entries.every(({ key, ticket }) => backend.ticketOf(key) === ticket)
          ? fencing.fillMany(entries, given)
          : entries.map(() => 'refused'),
    })),
  },
  {
    breaks: 'the lifetime of each entry',
    store: batches((fencing) => ({
      fillMany: (entries, given) =>
        fencing.fillMany(
          entries.map((entry) => ({ ...entry, ttl: entries[0]?.ttl ?? entry.ttl })),
          given,
        ),
    })),
  },
  {
    breaks: 'the tickets of each key',
    store: batches((fencing) => ({
      renewMany: async (tickets, ttl, given) => {
        const stand = await fencing.renewMany(tickets, ttl, given);
        return stand.map(() => stand.every(Boolean));
      },
    })),
  },
  {
    breaks: 'what is given back behind one that does not stand',
    store: batches((fencing, { backend }) => ({
      releaseMany: async (tickets, given) => {
        const end = tickets.findIndex(({ key, ticket }) => backend.ticketOf(key) !== ticket);
        const rest = end < 0 ? [] : tickets.slice(end);
        const first = await fencing.releaseMany(
          tickets.slice(0, tickets.length - rest.length),
          given,
        );
        return [...first, ...rest.map(() => false)];
      },
    })),
  },
  {
    breaks: 'what is said twice of one key',
    store: batches((fencing) => ({
      fillMany: async (entries, given) => {
        const last = new Map(entries.map((entry) => [entry.key, entry]));
        const results = await fencing.fillMany([...last.values()], given);
        const byEntry = new Map([...last.values()].map((entry, index) => [entry, results[index]]));
        return entries.map((entry) => byEntry.get(entry) ?? 'refused');
      },
    })),
  },
  {
    breaks: 'the absence of answers for no keys',
    store: batches((fencing) => ({
      ticketMany: async (requests, given) =>
        requests.length === 0 ? [{ kind: 'mine' }] : fencing.ticketMany(requests, given),
    })),
  },
]);
