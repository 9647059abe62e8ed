import { under, type Alteration } from './alteration.ts';
import {
  STANDS,
  ignoreDeletesOfNothing,
  keepDisplacingTicket,
  keepSettledTicket,
} from './faults.ts';

export const WRITE_THROUGH_ALTERATIONS: readonly Alteration[] = under('write-through', [
  {
    breaks: 'other keys at a lost settlement',
    fencing: ({ fencing, backend }) => ({
      settle: async (entry, ticket, given) => {
        const result = await fencing.settle(entry, ticket, given);
        if (result === 'refused') backend.clear();
        return result;
      },
    }),
  },
  {
    breaks: 'the value that begin removes',
    fencing: ({ backend }) => ({
      begin: async (key, ticket, ttl) => {
        backend.putTicket(key, ticket, ttl);
      },
    }),
  },
  {
    breaks: 'the ticket that begin displaces',
    fencing: ({ backend, fencing }) => ({
      begin: async (key, ticket, ttl, given) => {
        const standing = backend.ticketOf(key);
        await fencing.begin(key, standing ?? ticket, ttl, given);
      },
    }),
  },
  {
    breaks: 'the end of the ticket of begin',
    fencing: ({ fencing }) => ({
      begin: (key, ticket, _, given) => fencing.begin(key, ticket, STANDS, given),
    }),
  },
  {
    breaks: 'settling under the ticket only',
    fencing: ({ fencing, backend }) => ({
      settle: (entry, ticket, given) =>
        fencing.settle(entry, backend.ticketOf(entry.key) ?? ticket, given),
    }),
  },
  {
    breaks: 'the value that a lost settlement removes',
    fencing: ({ fencing, backend }) => ({
      settle: async (entry, ticket, given) => {
        const there = backend.entry(entry.key);
        const result = await fencing.settle(entry, ticket, given);
        if (result === 'refused' && there !== undefined)
          backend.put(entry.key, there.bytes, there.remaining);
        return result;
      },
    }),
  },
  {
    breaks: 'the ticket that a lost settlement removes',
    fencing: keepDisplacingTicket,
  },
  {
    breaks: 'the end of the ticket at a settlement',
    fencing: keepSettledTicket,
  },
  {
    breaks: 'the lifetime of a settlement',
    fencing: ({ fencing }) => ({
      settle: (entry, ticket, given) => fencing.settle({ ...entry, ttl: STANDS }, ticket, given),
    }),
  },
]);

export const INTERLEAVINGS_ALTERATIONS: readonly Alteration[] = under('interleavings', [
  {
    breaks: 'refusal of old fills',
    fencing: ({ backend }) => ({
      fill: async (entry) => {
        backend.put(entry.key, entry.bytes, entry.ttl);
        return 'stored';
      },
    }),
  },
  {
    breaks: 'the ticket that a lost settlement removes',
    fencing: keepDisplacingTicket,
  },
  {
    breaks: 'the ticket that begin displaces',
    fencing: ({ backend, fencing }) => ({
      begin: async (key, ticket, ttl, given) => {
        const standing = backend.ticketOf(key);
        await fencing.begin(key, standing ?? ticket, ttl, given);
      },
      settle: async (entry, _, given) =>
        fencing.settle(entry, backend.ticketOf(entry.key) ?? '', given),
    }),
  },
  {
    breaks: 'the end of the ticket at a delete of nothing',
    store: ignoreDeletesOfNothing,
  },
]);
