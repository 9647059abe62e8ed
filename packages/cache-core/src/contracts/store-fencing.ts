import type { StoreCall, StoredEntry, StoreWrite, WriteResult } from './cache-store.ts';

/** What a ledger entry concerns. */
export type LedgerKind =
  /** Every entry (the floor); its `name` is empty. */
  | 'all'
  /** Entries that carry the tag `name`. */
  | 'tag'
  /** Entries that carry the tag `name`; they may still be served stale while one refresh runs. */
  | 'soft'
  /** Entries whose key matches the wildcard pattern `name`. */
  | 'pattern';

/** Something that was invalidated. */
export interface LedgerMember {
  readonly kind: LedgerKind;
  readonly name: string;
}

/** A {@link LedgerMember} with the sequence number of its last invalidation. */
export interface LedgerFact extends LedgerMember {
  readonly seq: number;
}

/** The ledger after a bump. */
export interface BumpReply {
  /** The ledger's identity: random, made with it; another one means that the ledger was lost. */
  readonly id: string;
  /** The highest sequence number before. */
  readonly prev: number;
  /** The number that the bumped members carry now: greater than any before, at least the time in µs. */
  readonly seq: number;
}

/** How far a reader has followed the ledger; start with `{ seq: 0, drop: 0 }`. */
export interface LedgerPosition {
  readonly seq: number;
  /** The number of the last drop seen; 0 where drops travel on a bus. */
  readonly drop: number;
}

/** What has happened in the ledger since a {@link LedgerPosition}. */
export interface LedgerDelta {
  readonly id: string;
  /**
   * Every member whose number is greater than the position's, in ascending order of `seq`; as many as
   * make a page. Members of one number are never torn apart, since the reader goes on behind it.
   */
  readonly facts: readonly LedgerFact[];
  /** The ledger's highest number. Lower than known before: the ledger was rolled back. */
  readonly seq: number;
  /**
   * Keys that other instances wrote or deleted since the position. Empty where the store announces them
   * on a bus ({@link StoreCapabilities.announces}).
   */
  readonly drops: readonly string[];
  /** The position's `drop` to read from next. */
  readonly drop: number;
  /** Drops were forgotten before this reader saw them: everything held in memory has to be proved again. */
  readonly gap: boolean;
  /** False when there is more to read at once, from the last fact's `seq` and from `drop` on. */
  readonly complete: boolean;
}

/** The name of a ticket, and the key that it is for. */
export interface TicketRef {
  readonly key: string;
  /** Unique among all instances and loads. */
  readonly ticket: string;
}

/** One key of {@link StoreFencing.ticketMany}. */
export interface TicketRequest extends TicketRef {
  /** Milliseconds that the ticket stands unless it is renewed. */
  readonly ttl: number;
  /** The nonce of an entry already judged unusable: an entry with just this nonce counts as absent. */
  readonly badNonce?: string | undefined;
  /** The ticket that this one displaces, if it still stands. */
  readonly takeoverOf?: string | undefined;
}

/** One answer of {@link StoreFencing.ticketMany}. */
export type TicketReply =
  /** There is an entry; no ticket was taken. */
  | { readonly kind: 'value'; readonly entry: StoredEntry }
  /** The ticket stands. */
  | { readonly kind: 'mine' }
  /** Somebody else loads under `ticket`. */
  | { readonly kind: 'held'; readonly ticket: string };

/** An entry that is stored only if its ticket stands. */
export interface TicketedWrite extends StoreWrite, TicketRef {}

/**
 * What lets several instances share a store without ever storing what was invalidated meanwhile: a
 * ticket per key (the lease to load it, and the condition for storing the result), and a ledger of
 * the last invalidation of every tag and pattern. What happens to one key is one atomic step; a batch
 * need not be one as a whole. Answers have the order and length of what was asked; what a batch says
 * twice of one key takes effect in its order. The ledger has no expiry and is lost whole or not at
 * all. See `docs/protocol.md`.
 */
export interface StoreFencing {
  /** Asks to load keys. An entry that is present wins over a ticket. */
  ticketMany(requests: readonly TicketRequest[], call: StoreCall): Promise<readonly TicketReply[]>;
  /** Extends the tickets that still stand; false for those that do not. */
  renewMany(
    tickets: readonly TicketRef[],
    ttl: number,
    call: StoreCall,
  ): Promise<readonly boolean[]>;
  /** Gives tickets back without storing; false for those that did not stand. */
  releaseMany(tickets: readonly TicketRef[], call: StoreCall): Promise<readonly boolean[]>;
  /**
   * Stores each entry whose ticket stands and removes the ticket; `refused` for the others. Refused for
   * want of room, the ticket still stands: whoever holds it learns so that nobody displaced it.
   */
  fillMany(entries: readonly TicketedWrite[], call: StoreCall): Promise<readonly WriteResult[]>;
  /** Opens a write-through: deletes the entry and puts the ticket in place of any that stands. */
  begin(key: string, ticket: string, ttl: number, call: StoreCall): Promise<void>;
  /**
   * Ends a write-through. If the ticket stands: stores the entry and removes the ticket. Otherwise
   * deletes both the entry and whatever ticket stands, and reports `refused`.
   */
  settle(entry: TicketedWrite, call: StoreCall): Promise<WriteResult>;
  /**
   * Records invalidations under one new sequence number, `max(highest, reached, time in µs) + 1`.
   * @param reached the highest number that the caller has ever seen
   */
  bump(members: readonly LedgerMember[], reached: number, call: StoreCall): Promise<BumpReply>;
  /** What is new since `position`; creates the ledger if there is none. */
  delta(position: LedgerPosition, call: StoreCall): Promise<LedgerDelta>;
}
