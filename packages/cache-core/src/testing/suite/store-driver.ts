import assert from 'node:assert/strict';
import type {
  CacheStore,
  StoreCall,
  StoredEntry,
  WriteResult,
} from '../../contracts/cache-store.ts';
import type {
  BumpReply,
  LedgerDelta,
  LedgerFact,
  LedgerKind,
  LedgerPosition,
  StoreFencing,
  TicketReply,
  TicketRequest,
} from '../../contracts/store-fencing.ts';
import { textOf } from './entry-bytes.ts';

/** Long enough not to pass during a check, in milliseconds. */
export const LONG = 600_000;

/** Where a reader begins. */
export const START: LedgerPosition = { seq: 0, drop: 0 };

/** A call with time without end. */
export function freshCall(): StoreCall {
  return { signal: new AbortController().signal };
}

/** All that one reader was told from a position on. */
export interface News {
  readonly id: string;
  readonly facts: readonly LedgerFact[];
  readonly drops: readonly string[];
  readonly gap: boolean;
  readonly seq: number;
  /** Where to read on. */
  readonly position: LedgerPosition;
}

/** More pages than this are taken for an endless loop. */
const MOST_PAGES = 10_000;

/** What {@link StoreDriver.ticket} asks for beside its names. */
export type TicketWish = Partial<Omit<TicketRequest, 'key' | 'ticket'>>;

/** A store with short words for what the checks do all the time. */
export class StoreDriver {
  readonly store: CacheStore;
  readonly #call: () => StoreCall;

  /** @param call makes the last argument of every call. @default one with time without end */
  constructor(store: CacheStore, call: () => StoreCall = freshCall) {
    this.store = store;
    this.#call = call;
  }

  /** The same store, called so. */
  called(call: () => StoreCall): StoreDriver {
    return new StoreDriver(this.store, call);
  }

  get fencing(): StoreFencing {
    assert.ok(this.store.fencing !== undefined, 'the store has no fencing');
    return this.store.fencing;
  }

  getMany(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    return this.store.getMany(keys, this.#call());
  }

  async get(key: string): Promise<StoredEntry | undefined> {
    const [entry] = await this.getMany([key]);
    return entry;
  }

  /** What the keys hold, as texts. */
  async texts(...keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    return (await this.getMany(keys)).map((entry) => textOf(entry));
  }

  async set(key: string, value: string | Uint8Array, ttl: number = Infinity): Promise<WriteResult> {
    return only(await this.setMany([[key, value, ttl]]));
  }

  setMany(
    entries: readonly (readonly [key: string, value: string | Uint8Array, ttl?: number])[],
  ): Promise<readonly WriteResult[]> {
    return this.store.setMany(
      entries.map(([key, value, ttl = Infinity]) => ({ key, bytes: bytesOf(value), ttl })),
      this.#call(),
    );
  }

  delete(...keys: readonly string[]): Promise<number> {
    return this.store.deleteMany(keys, this.#call());
  }

  async touch(keys: readonly string[], ttl: number): Promise<void> {
    assert.ok(this.store.touchMany !== undefined, 'the store has no touchMany');
    await this.store.touchMany(keys, ttl, this.#call());
  }

  pages(prefix = ''): AsyncIterable<readonly string[]> {
    assert.ok(this.store.keys !== undefined, 'the store has no keys');
    return this.store.keys(prefix, this.#call());
  }

  /** All keys with the prefix, in the order in which they came. */
  async keys(prefix = ''): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of this.pages(prefix)) keys.push(...page);
    return keys;
  }

  /** How many there were; `undefined` where the store leaves that to its sweep. */
  async clearExpired(): Promise<number | undefined> {
    return this.store.clearExpired?.(this.#call());
  }

  clear(): Promise<void> {
    return this.store.clear(this.#call());
  }

  async ticket(key: string, ticket: string, request: TicketWish = {}): Promise<TicketReply> {
    return only(await this.tickets([[key, ticket, request]]));
  }

  tickets(
    requests: readonly (readonly [key: string, ticket: string, request?: TicketWish])[],
  ): Promise<readonly TicketReply[]> {
    return this.fencing.ticketMany(
      requests.map(([key, ticket, request]) => ({ ttl: LONG, ...request, key, ticket })),
      this.#call(),
    );
  }

  async renew(key: string, ticket: string, ttl: number = LONG): Promise<boolean> {
    return only(await this.fencing.renewMany([{ key, ticket }], ttl, this.#call()));
  }

  async release(key: string, ticket: string): Promise<boolean> {
    return only(await this.fencing.releaseMany([{ key, ticket }], this.#call()));
  }

  async fill(
    key: string,
    value: string | Uint8Array,
    ticket: string,
    ttl: number = Infinity,
  ): Promise<WriteResult> {
    return only(await this.fills([[key, value, ticket, ttl]]));
  }

  fills(
    entries: readonly (readonly [
      key: string,
      value: string | Uint8Array,
      ticket: string,
      ttl?: number,
    ])[],
  ): Promise<readonly WriteResult[]> {
    return this.fencing.fillMany(
      entries.map(([key, value, ticket, ttl = Infinity]) => ({
        key,
        bytes: bytesOf(value),
        ttl,
        ticket,
      })),
      this.#call(),
    );
  }

  begin(key: string, ticket: string, ttl: number = LONG): Promise<void> {
    return this.fencing.begin(key, ticket, ttl, this.#call());
  }

  settle(
    key: string,
    value: string | Uint8Array,
    ticket: string,
    ttl: number = Infinity,
  ): Promise<WriteResult> {
    return this.fencing.settle({ key, bytes: bytesOf(value), ttl, ticket }, this.#call());
  }

  /** @param members such as `tag:x`, `pattern:user:*`, or `all:` */
  bump(members: readonly string[], reached = 0): Promise<BumpReply> {
    return this.fencing.bump(
      members.map((member) => {
        const end = member.indexOf(':');
        return { kind: member.slice(0, end) as LedgerKind, name: member.slice(end + 1) };
      }),
      reached,
      this.#call(),
    );
  }

  delta(position: LedgerPosition = START): Promise<LedgerDelta> {
    return this.fencing.delta(position, this.#call());
  }

  /** Reads page after page until there is no more. */
  async news(from: LedgerPosition = START): Promise<News> {
    const facts: LedgerFact[] = [];
    const drops: string[] = [];
    let position = from;
    let gap = false;
    for (let page = 0; ; page++) {
      assert.ok(page < MOST_PAGES, 'delta is never complete');
      const delta = await this.delta(position);
      facts.push(...delta.facts);
      drops.push(...delta.drops);
      gap ||= delta.gap;
      const seq = delta.complete ? delta.seq : (delta.facts.at(-1)?.seq ?? position.seq);
      assert.ok(
        delta.complete || seq > position.seq || delta.drop > position.drop,
        'delta is not complete and does not go on',
      );
      position = { seq, drop: delta.drop };
      if (delta.complete) return { id: delta.id, facts, drops, gap, seq: delta.seq, position };
    }
  }

  /** Where a reader who has read everything stands. */
  async position(): Promise<LedgerPosition> {
    return (await this.news()).position;
  }
}

function only<T>(answers: readonly T[]): T {
  assert.equal(answers.length, 1, 'a batch of one has one answer');
  return answers[0] as T;
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value;
}
