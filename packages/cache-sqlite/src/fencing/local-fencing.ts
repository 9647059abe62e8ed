import type {
  BumpReply,
  LedgerDelta,
  LedgerMember,
  LedgerPosition,
  StoreCall,
  StoreFencing,
  TicketedWrite,
  TicketRef,
  TicketReply,
  TicketRequest,
  WriteResult,
} from '@perf/cache-core';
import type { Access } from '../session/access.ts';
import type { Session } from '../session/session.ts';
import { storing } from '../entries/storing.ts';

/** Tickets and ledger of one file; each method is one transaction. */
export class LocalFencing implements StoreFencing {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  ticketMany(requests: readonly TicketRequest[], call: StoreCall): Promise<readonly TicketReply[]> {
    return this.#access.run('ticketMany', call, (session) => {
      // Without the write lock first: an entry that is there is the usual answer to who waits.
      const [first] = requests;
      const present =
        requests.length === 1 && first !== undefined
          ? [valueFor(first, session)]
          : session.read(() => requests.map((request) => valueFor(request, session)));
      const replies = present.filter((reply) => reply !== undefined);
      if (replies.length === requests.length) return replies;
      return session.write(() =>
        requests.map((request, index) => present[index] ?? ask(request, session)),
      );
    });
  }

  renewMany(
    tickets: readonly TicketRef[],
    ttl: number,
    call: StoreCall,
  ): Promise<readonly boolean[]> {
    return this.#access.run('renewMany', call, (session) =>
      session.write(() => {
        const now = session.clock.epoch();
        return tickets.map(({ key, ticket }) => session.tickets.renew(key, ticket, ttl, now));
      }),
    );
  }

  releaseMany(tickets: readonly TicketRef[], call: StoreCall): Promise<readonly boolean[]> {
    return this.#access.run('releaseMany', call, (session) =>
      session.write(() => {
        const now = session.clock.epoch();
        return tickets.map(({ key, ticket }) => session.tickets.release(key, ticket, now));
      }),
    );
  }

  fillMany(entries: readonly TicketedWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    let size = 0;
    for (const { bytes } of entries) size += bytes.length;
    return storing(this.#access, 'fillMany', call, size, (session, hasRoom) => {
      const now = session.clock.epoch();
      return entries.map((entry): WriteResult => {
        // Without room the ticket stays: its holder can tell that nobody displaced it.
        if (!hasRoom || !session.entries.fits(entry)) return 'refused';
        if (!session.tickets.release(entry.key, entry.ticket, now)) return 'refused';
        // Not in the journal: who loads replaces nothing that anybody may hold.
        session.entries.put(entry, now);
        return 'stored';
      });
    });
  }

  begin(key: string, ticket: string, ttl: number, call: StoreCall): Promise<void> {
    return this.#access.run('begin', call, (session) => {
      session.write(() => {
        const now = session.clock.epoch();
        session.entries.remove(key, now);
        session.tickets.put(key, ticket, ttl, now);
        session.journal.drop(key);
      });
    });
  }

  async settle(entry: TicketedWrite, call: StoreCall): Promise<WriteResult> {
    const step = (session: Session, hasRoom: boolean): readonly WriteResult[] => {
      const { entries, tickets, journal, clock } = session;
      const now = clock.epoch();
      const stands = tickets.release(entry.key, entry.ticket, now);
      journal.drop(entry.key);
      if (stands && hasRoom && entries.fits(entry)) {
        entries.put(entry, now);
        return ['stored'];
      }
      tickets.remove(entry.key);
      entries.remove(entry.key, now);
      return ['refused'];
    };
    const [result = 'refused'] = await storing(
      this.#access,
      'settle',
      call,
      entry.bytes.length,
      step,
    );
    return result;
  }

  bump(members: readonly LedgerMember[], reached: number, call: StoreCall): Promise<BumpReply> {
    return this.#access.run('bump', call, (session) =>
      session.write(() =>
        session.ledger.bump(members, reached, session.clock.epoch(), session.entries.longestTtl),
      ),
    );
  }

  delta(position: LedgerPosition, call: StoreCall): Promise<LedgerDelta> {
    return this.#access.run('delta', call, (session): LedgerDelta => {
      // What others invalidate is written to the file under the path.
      session.assertInPlace();
      const unchanged = session.ledger.unchangedSince(position);
      if (unchanged !== undefined) return unchanged;
      if (!session.ledger.exists) {
        session.write(() => {
          session.ledger.create();
        });
      }
      return session.read(() => session.ledger.delta(position));
    });
  }
}

/** The entry that wins over a ticket. */
function valueFor(
  { key, badNonce }: TicketRequest,
  { entries, clock }: Session,
): TicketReply | undefined {
  const entry = entries.get(key, clock.epoch(), badNonce);
  return entry === undefined ? undefined : { kind: 'value', entry };
}

/** Within a transaction that holds the write lock. */
function ask(request: TicketRequest, session: Session): TicketReply {
  const value = valueFor(request, session);
  if (value !== undefined) return value;
  const { key, ticket, ttl, takeoverOf } = request;
  const now = session.clock.epoch();
  const standing = session.tickets.standing(key, now);
  if (standing !== undefined && standing !== ticket && standing !== takeoverOf) {
    return { kind: 'held', ticket: standing };
  }
  session.tickets.put(key, ticket, ttl, now);
  return { kind: 'mine' };
}
