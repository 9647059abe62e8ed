import { nonceOf } from '../codec/envelope.ts';
import type { StoreCall, StoredEntry, StoreWrite, WriteResult } from '../contracts/cache-store.ts';
import type {
  BumpReply,
  LedgerDelta,
  LedgerMember,
  LedgerPosition,
  StoreFencing,
  TicketedWrite,
  TicketRef,
  TicketReply,
  TicketRequest,
} from '../contracts/store-fencing.ts';
import type { StoreNews } from '../contracts/store-news.ts';
import type { ReferenceBackend } from './reference-backend.ts';

/** What {@link ReferenceFencing} has in common with the store it belongs to. */
export interface ReferenceHandle {
  readonly backend: ReferenceBackend;
  /** Names the instance in the drops. */
  readonly writer: string;
  /** Whether drops are recorded; they travel on a bus otherwise. */
  readonly drops: boolean;
  /** @throws if the call must not be applied */
  enter(call: StoreCall): void;
  read(key: string): StoredEntry | undefined;
  /** Whether the entry is within the store's limits. */
  fits(entry: StoreWrite): boolean;
  /** Publishes, where the store announces, what the text is made of. */
  announce(call: StoreCall, text: (news: StoreNews) => string): void;
}

/** Every method is one synchronous step on the backend, so atomicity needs no proof. */
export class ReferenceFencing implements StoreFencing {
  readonly #handle: ReferenceHandle;

  constructor(handle: ReferenceHandle) {
    this.#handle = handle;
  }

  async ticketMany(
    requests: readonly TicketRequest[],
    call: StoreCall,
  ): Promise<readonly TicketReply[]> {
    this.#handle.enter(call);
    return requests.map((request) => this.#ticket(request));
  }

  async renewMany(
    tickets: readonly TicketRef[],
    ttl: number,
    call: StoreCall,
  ): Promise<readonly boolean[]> {
    this.#handle.enter(call);
    return tickets.map(({ key, ticket }) => {
      const stands = this.#stands(key, ticket);
      if (stands) this.#handle.backend.putTicket(key, ticket, ttl);
      return stands;
    });
  }

  async releaseMany(tickets: readonly TicketRef[], call: StoreCall): Promise<readonly boolean[]> {
    this.#handle.enter(call);
    const stood = tickets.map(({ key, ticket }) => {
      const stands = this.#stands(key, ticket);
      if (stands) this.#handle.backend.removeTicket(key);
      return stands;
    });
    this.#ended(
      tickets.filter((_, index) => stood[index]),
      call,
    );
    return stood;
  }

  async fillMany(
    entries: readonly TicketedWrite[],
    call: StoreCall,
  ): Promise<readonly WriteResult[]> {
    this.#handle.enter(call);
    const results = entries.map((entry) => {
      const storable = this.#stands(entry.key, entry.ticket) && this.#handle.fits(entry);
      return storable ? this.#storeAndRemoveTicket(entry) : 'refused';
    });
    this.#ended(
      entries.filter((_, index) => results[index] === 'stored'),
      call,
    );
    return results;
  }

  async begin(key: string, ticket: string, ttl: number, call: StoreCall): Promise<void> {
    this.#handle.enter(call);
    const { backend } = this.#handle;
    backend.evict(key);
    backend.putTicket(key, ticket, ttl);
    this.#drop(key);
    this.#handle.announce(call, (news) => news.drop([key]));
  }

  async settle(entry: TicketedWrite, call: StoreCall): Promise<WriteResult> {
    this.#handle.enter(call);
    this.#drop(entry.key);
    const result = this.#settle(entry);
    this.#handle.announce(call, (news) => news.drop([entry.key]));
    this.#ended([entry], call);
    return result;
  }

  async bump(
    members: readonly LedgerMember[],
    reached: number,
    call: StoreCall,
  ): Promise<BumpReply> {
    this.#handle.enter(call);
    const { ledger, clock } = this.#handle.backend;
    const reply = ledger.bump(members, reached, clock.epoch() * 1000);
    const { id, prev, seq } = reply;
    if (members.length === 0) return reply;
    this.#handle.announce(call, (news) => {
      const { before, after } = news.bump(members);
      return `${before}${id} ${prev} ${seq}${after}`;
    });
    return reply;
  }

  async delta(position: LedgerPosition, call: StoreCall): Promise<LedgerDelta> {
    this.#handle.enter(call);
    return this.#handle.backend.delta(position, this.#handle.writer);
  }

  #ticket({ key, ticket, ttl, badNonce, takeoverOf }: TicketRequest): TicketReply {
    const { backend } = this.#handle;
    const entry = this.#handle.read(key);
    if (entry !== undefined && (badNonce === undefined || nonceOf(entry.bytes) !== badNonce)) {
      return { kind: 'value', entry };
    }
    const standing = backend.ticketOf(key);
    if (standing !== undefined && standing !== ticket && standing !== takeoverOf) {
      return { kind: 'held', ticket: standing };
    }
    backend.putTicket(key, ticket, ttl);
    return { kind: 'mine' };
  }

  #settle(entry: TicketedWrite): WriteResult {
    if (this.#stands(entry.key, entry.ticket)) return this.#storeAndRemoveTicket(entry);
    const { backend } = this.#handle;
    backend.evict(entry.key);
    backend.removeTicket(entry.key);
    return 'refused';
  }

  #ended(tickets: readonly TicketRef[], call: StoreCall): void {
    if (tickets.length === 0) return;
    this.#handle.announce(call, (news) => news.ended(tickets.map(({ ticket }) => ticket)));
  }

  #stands(key: string, ticket: string): boolean {
    return this.#handle.backend.ticketOf(key) === ticket;
  }

  #storeAndRemoveTicket(entry: StoreWrite): WriteResult {
    const { backend } = this.#handle;
    backend.removeTicket(entry.key);
    if (!this.#handle.fits(entry)) return 'refused';
    backend.put(entry.key, entry.bytes, entry.ttl);
    return 'stored';
  }

  #drop(key: string): void {
    if (this.#handle.drops) this.#handle.backend.drop(key, this.#handle.writer);
  }
}
