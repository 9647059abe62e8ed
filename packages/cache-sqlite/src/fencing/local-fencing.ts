import type {
  BumpReply,
  LedgerDelta,
  LedgerMember,
  LedgerPosition,
  StoreCall,
  StoreFencing,
  StoreWrite,
  TicketReply,
  TicketRequest,
  WriteResult,
} from '@perf/cache-core';
import type { Access } from '../database/access.ts';
import type { Session } from '../database/session.ts';
import { storing } from '../entries/storing.ts';

/** Tickets and ledger of one file; each method is one transaction. */
export class LocalFencing implements StoreFencing {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  ticket(key: string, request: TicketRequest, call: StoreCall): Promise<TicketReply> {
    const { ticket, ttl, badNonce, takeoverOf } = request;
    return this.#access.run('ticket', call, (session): TicketReply => {
      const { entries, tickets, clock } = session;
      // Without the write lock first: an entry that is there is the usual answer to a waiter.
      const present = entries.get(key, clock.epoch(), badNonce);
      if (present !== undefined) return { kind: 'value', entry: present };
      return session.write((): TicketReply => {
        const now = clock.epoch();
        const entry = entries.get(key, now, badNonce);
        if (entry !== undefined) return { kind: 'value', entry };
        const standing = tickets.standing(key, now);
        if (standing !== undefined && standing !== ticket && standing !== takeoverOf) {
          return { kind: 'held', ticket: standing };
        }
        tickets.put(key, ticket, ttl, now);
        return { kind: 'mine' };
      });
    });
  }

  renew(key: string, ticket: string, ttl: number, call: StoreCall): Promise<boolean> {
    return this.#access.run('renew', call, (session) =>
      session.write(() => session.tickets.renew(key, ticket, ttl, session.clock.epoch())),
    );
  }

  release(key: string, ticket: string, call: StoreCall): Promise<boolean> {
    return this.#access.run('release', call, (session) =>
      session.write(() => session.tickets.release(key, ticket, session.clock.epoch())),
    );
  }

  async fill(entry: StoreWrite, ticket: string, call: StoreCall): Promise<WriteResult> {
    const step = (session: Session, hasRoom: boolean): readonly WriteResult[] => {
      const { entries, tickets, clock } = session;
      const now = clock.epoch();
      // Without room the ticket stays: its holder can tell that nobody displaced it.
      if (!hasRoom || !entries.fits(entry)) return ['refused'];
      if (!tickets.release(entry.key, ticket, now)) return ['refused'];
      // Not in the journal: who loads replaces nothing that anybody may hold.
      entries.put(entry, now);
      return ['stored'];
    };
    const [result = 'refused'] = await storing(
      this.#access,
      'fill',
      call,
      entry.bytes.length,
      step,
    );
    return result;
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

  async settle(entry: StoreWrite, ticket: string, call: StoreCall): Promise<WriteResult> {
    const step = (session: Session, hasRoom: boolean): readonly WriteResult[] => {
      const { entries, tickets, journal, clock } = session;
      const now = clock.epoch();
      const stands = tickets.release(entry.key, ticket, now);
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
