import { nonceOf } from '../../../src/codec/envelope.ts';
import type { StoreFencing } from '../../../src/contracts/store-fencing.ts';
import { altered, inBatches, under, type Alteration } from './alteration.ts';
import { STANDS, fillUnderAnyTicket, ignoreDeletesOfNothing, keepTickets } from './faults.ts';

export const TICKETS_ALTERATIONS: readonly Alteration[] = under('tickets', [
  {
    breaks: 'the ticket behind a fill that does not fit',
    options: { maxValueBytes: 1000 },
    fencing: ({ fencing }) => ({
      fill: async (entry, ticket, given) => {
        const result = await fencing.fill(entry, ticket, given);
        if (entry.bytes.length > 1000) await fencing.release(entry.key, ticket, given);
        return result;
      },
    }),
  },
  {
    breaks: 'the absence of expired entries',
    store: ({ store, fencing, backend }) => {
      const ever = new Map<string, Uint8Array>();
      return {
        setMany: (entries, given) => {
          for (const { key, bytes } of entries) ever.set(key, bytes);
          return store.setMany(entries, given);
        },
        deleteMany: (keys, given) => {
          for (const key of keys) ever.delete(key);
          return store.deleteMany(keys, given);
        },
        fencing: altered(
          store.fencing as StoreFencing,
          inBatches({
            ticket: async (key, request, given) => {
              const bytes = backend.entry(key) === undefined ? ever.get(key) : undefined;
              return bytes === undefined
                ? fencing.ticket(key, request, given)
                : { kind: 'value', entry: { bytes } };
            },
          }),
        ),
      };
    },
  },
  {
    breaks: 'one ticket per key',
    fencing: ({ backend }) => ({
      ticket: async (key, { ticket, ttl }) => {
        const entry = backend.entry(key);
        if (entry !== undefined) return { kind: 'value', entry };
        backend.putTicket(key, ticket, ttl);
        return { kind: 'mine' };
      },
    }),
  },
  {
    breaks: 'the value before the ticket',
    fencing: ({ fencing, backend }) => ({
      ticket: async (key, request, given) => {
        const standing = backend.ticketOf(key);
        return standing === undefined
          ? fencing.ticket(key, request, given)
          : standing === request.ticket
            ? { kind: 'mine' }
            : { kind: 'held', ticket: standing };
      },
    }),
  },
  {
    breaks: 'the value that is there',
    fencing: ({ fencing, backend }) => ({
      ticket: async (key, request, given) => {
        const entry = backend.entry(key);
        return fencing.ticket(
          key,
          entry === undefined ? request : { ...request, badNonce: nonceOf(entry.bytes) },
          given,
        );
      },
    }),
  },
  {
    breaks: 'the bad nonce',
    fencing: ({ fencing }) => ({
      ticket: (key, request, given) =>
        fencing.ticket(key, { ...request, badNonce: undefined }, given),
    }),
  },
  {
    breaks: 'a nonce that is not the bad one',
    fencing: ({ fencing, backend }) => ({
      ticket: (key, request, given) => {
        const entry = backend.entry(key);
        return fencing.ticket(
          key,
          request.badNonce === undefined || entry === undefined
            ? request
            : { ...request, badNonce: nonceOf(entry.bytes) ?? request.badNonce },
          given,
        );
      },
    }),
  },
  {
    breaks: 'bytes without a nonce',
    fencing: ({ fencing, backend }) => ({
      ticket: (key, request, given) => {
        const entry = backend.entry(key);
        if (
          entry !== undefined &&
          request.badNonce !== undefined &&
          nonceOf(entry.bytes) === undefined
        )
          backend.evict(key);
        return fencing.ticket(key, request, given);
      },
    }),
  },
  {
    breaks: 'an entry judged bad, which stays',
    fencing: ({ fencing, backend }) => ({
      ticket: (key, request, given) => {
        const entry = backend.entry(key);
        if (entry !== undefined && nonceOf(entry.bytes) === request.badNonce) backend.evict(key);
        return fencing.ticket(key, request, given);
      },
    }),
  },
  {
    breaks: 'takeovers of any ticket',
    fencing: ({ fencing, backend }) => ({
      ticket: (key, request, given) =>
        fencing.ticket(
          key,
          request.takeoverOf === undefined
            ? request
            : { ...request, takeoverOf: backend.ticketOf(key) },
          given,
        ),
    }),
  },
  {
    breaks: 'takeovers',
    fencing: ({ fencing }) => ({
      ticket: (key, request, given) =>
        fencing.ticket(key, { ...request, takeoverOf: undefined }, given),
    }),
  },
  {
    breaks: 'takeovers of nothing',
    fencing: ({ fencing, backend }) => ({
      ticket: async (key, request, given) =>
        request.takeoverOf !== undefined &&
        backend.ticketOf(key) === undefined &&
        backend.entry(key) === undefined
          ? { kind: 'held', ticket: request.takeoverOf }
          : fencing.ticket(key, request, given),
    }),
  },
  {
    breaks: "who asks again under one's own ticket",
    fencing: ({ fencing, backend }) => ({
      ticket: async (key, request, given) =>
        backend.ticketOf(key) === request.ticket && backend.entry(key) === undefined
          ? { kind: 'held', ticket: request.ticket }
          : fencing.ticket(key, request, given),
    }),
  },
  {
    breaks: 'the name of the holder',
    fencing: ({ fencing }) => ({
      ticket: async (key, request, given) => {
        const reply = await fencing.ticket(key, request, given);
        return reply.kind === 'held' ? { kind: 'held', ticket: request.ticket } : reply;
      },
    }),
  },
  {
    breaks: 'the end of tickets',
    fencing: ({ fencing }) => ({
      ticket: (key, request, given) => fencing.ticket(key, { ...request, ttl: STANDS }, given),
    }),
  },
  {
    breaks: 'the renewal of one’s own ticket only',
    fencing: ({ fencing, backend }) => ({
      renew: (key, _, ttl, given) => fencing.renew(key, backend.ticketOf(key) ?? '', ttl, given),
    }),
  },
  {
    breaks: 'renewal',
    fencing: ({ backend }) => ({ renew: async (key, ticket) => backend.ticketOf(key) === ticket }),
  },
  {
    breaks: 'giving back one’s own ticket only',
    fencing: ({ fencing, backend }) => ({
      release: (key, _, given) => fencing.release(key, backend.ticketOf(key) ?? '', given),
    }),
  },
  {
    breaks: 'giving back',
    fencing: ({ backend }) => ({
      release: async (key, ticket) => backend.ticketOf(key) === ticket,
    }),
  },
  {
    breaks: 'fills under the ticket only',
    fencing: fillUnderAnyTicket,
  },
  {
    breaks: 'fills without any ticket',
    fencing: ({ fencing, backend }) => ({
      fill: async (entry, ticket, given) => {
        if (backend.ticketOf(entry.key) !== undefined) return fencing.fill(entry, ticket, given);
        backend.put(entry.key, entry.bytes, entry.ttl);
        return 'stored';
      },
    }),
  },
  {
    breaks: 'the end of the ticket at a fill',
    fencing: ({ fencing, backend }) => ({
      fill: async (entry, ticket, given) => {
        const result = await fencing.fill(entry, ticket, given);
        if (result === 'stored') backend.putTicket(entry.key, ticket, STANDS);
        return result;
      },
    }),
  },
  {
    breaks: 'the ticket of another at a refused fill',
    fencing: ({ fencing, backend }) => ({
      fill: async (entry, ticket, given) => {
        const result = await fencing.fill(entry, ticket, given);
        if (result === 'refused') backend.removeTicket(entry.key);
        return result;
      },
    }),
  },
  {
    breaks: 'the entry at a refused fill',
    fencing: ({ fencing, backend }) => ({
      fill: async (entry, ticket, given) => {
        const result = await fencing.fill(entry, ticket, given);
        if (result === 'refused') backend.evict(entry.key);
        return result;
      },
    }),
  },
  {
    breaks: 'the lifetime of a fill',
    fencing: ({ fencing }) => ({
      fill: (entry, ticket, given) => fencing.fill({ ...entry, ttl: STANDS }, ticket, given),
    }),
  },
  {
    breaks: 'the end of the ticket at a set',
    store: ({ store, backend }) => ({
      setMany: async (entries, given) => {
        keepTickets(
          backend,
          entries.map(({ key }) => key),
          () => void store.setMany(entries, given),
        );
        return entries.map(() => 'stored' as const);
      },
    }),
  },
  {
    breaks: 'the end of the ticket at a delete',
    store: ({ store, backend }) => ({
      deleteMany: async (keys, given) => {
        const there = keys.filter((key) => backend.entry(key) !== undefined).length;
        keepTickets(backend, keys, () => void store.deleteMany(keys, given));
        return there;
      },
    }),
  },
  {
    breaks: 'the end of the ticket at a delete of nothing',
    store: ignoreDeletesOfNothing,
  },
  {
    breaks: 'the end of tickets at a clear',
    store: ({ store, backend }) => ({
      clear: async (given) => {
        keepTickets(backend, ['other'], () => void store.clear(given));
      },
    }),
  },
  {
    breaks: 'tickets apart from entries',
    fencing: ({ fencing, backend }) => ({
      ticket: async (key, request, given) => {
        const reply = await fencing.ticket(key, request, given);
        if (reply.kind === 'mine')
          backend.put(`${key}:t`, Buffer.from(request.ticket), request.ttl);
        return reply;
      },
    }),
  },
  {
    breaks: 'the case of keys of tickets',
    fencing: ({ fencing }) => ({
      ticket: (key, request, given) => fencing.ticket(key.toLowerCase(), request, given),
    }),
  },
  {
    breaks: 'one ticket among several handles',
    fencing: ({ fencing, backend }) => ({
      ticket: async (key, request, given) => {
        const isFree = backend.ticketOf(key) === undefined && backend.entry(key) === undefined;
        await Promise.resolve();
        if (!isFree) return fencing.ticket(key, request, given);
        backend.putTicket(key, request.ticket, request.ttl);
        return { kind: 'mine' };
      },
    }),
  },
  {
    breaks: 'tickets for all handles',
    fencing: ({ fencing, handle }) => ({
      ticket: (key, request, given) =>
        fencing.ticket(`${key}${handle === 1 ? '' : ' '}`, request, given),
    }),
  },
]);
