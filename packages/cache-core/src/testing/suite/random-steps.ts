import type { LedgerPosition } from '../../contracts/store-fencing.ts';
import { envelope, nonce } from './entry-bytes.ts';
import type { StoreTraits } from './store-check.ts';
import { LONG, type StoreDriver } from './store-driver.ts';

/** One call of a random sequence; it can be made on several stores. */
export interface RandomStep {
  readonly text: string;
  /** What comes back, in a form that can be compared between stores. */
  run(side: Side): Promise<unknown>;
}

/** A handle of one of the stores that are compared. */
export interface Side {
  readonly store: StoreDriver;
  /** How far the handle has read. */
  position: LedgerPosition;
  /** The store's sequence numbers in ascending order: in place of a number its index is compared. */
  readonly numbers: number[];
}

const NONCES = 3;
const MEMBERS = ['all:', 'tag:x', 'tag:y', 'soft:x', 'pattern:user:*'];
/** The ones that stand only for a short time come last. */
const TICKETS = ['t', 'u', 'v', 'short t', 'short u'];

/** Draws steps that a store with such traits can make, on three keys. */
export class StepSource {
  readonly #random: () => number;
  readonly #lifetimes: readonly number[];
  readonly #short: number;
  readonly #kinds: readonly (() => RandomStep)[];
  #keys: readonly string[] = [];
  #written = 0;
  /** The ticket last asked for, by key. */
  readonly #asked = new Map<string, string>();

  constructor(random: () => number, { capabilities, realTime }: StoreTraits, short: number) {
    this.#random = random;
    // Where time cannot be stopped, nothing may depend on how much of it a step takes.
    this.#short = realTime === true ? LONG : short;
    this.#lifetimes = [this.#short, LONG, Infinity];
    this.#kinds = [
      () => this.#set(),
      () => this.#set(),
      () => this.readAll(),
      () => this.#delete(),
      ...(capabilities.touch ? [() => this.#touch()] : []),
      ...(capabilities.conditional ? this.#fenced() : []),
    ];
  }

  /** From here on the steps are for other keys. */
  startRun(run: number): void {
    this.#keys = [`a${run}`, `b${run}`, `a${run}:t`];
  }

  next(): RandomStep {
    return this.#oneOf(this.#kinds)();
  }

  #fenced(): readonly (() => RandomStep)[] {
    const tickets = (): RandomStep => this.#tickets();
    return [
      tickets,
      tickets,
      tickets,
      () => this.#fills(),
      () => this.#settle(),
      () => this.#begin(),
      () => this.#onTicket('renew'),
      () => this.#onTicket('release'),
      () => this.#bump(),
      () => this.#news(),
    ];
  }

  #set(): RandomStep {
    const writes = Array.from({ length: 1 + this.#below(2) }, () => this.#write());
    return {
      text: `set ${writes.map(({ text }) => text).join(' and ')}`,
      run: ({ store }) => store.setMany(writes.map(({ key, bytes, ttl }) => [key, bytes, ttl])),
    };
  }

  /** What all the keys of this run hold. */
  readAll(): RandomStep {
    const keys = this.#keys;
    return { text: 'get all', run: ({ store }) => store.texts(...keys) };
  }

  #delete(): RandomStep {
    const keys = [this.#key(), this.#key()];
    return {
      text: `delete ${keys.join(' and ')}`,
      // Whether an expired entry is counted is not settled.
      run: async ({ store }) => {
        await store.delete(...keys);
      },
    };
  }

  #touch(): RandomStep {
    const [key, ttl] = [this.#key(), this.#oneOf(this.#lifetimes)];
    return { text: `touch ${key} for ${ttl} ms`, run: ({ store }) => store.touch([key], ttl) };
  }

  #tickets(): RandomStep {
    const wishes = Array.from({ length: 1 + this.#below(2) }, () => {
      const [key, ticket] = this.#newTicket();
      const badNonce = this.#below(2) === 0 ? undefined : nonce(this.#below(NONCES));
      const takeoverOf = this.#below(2) === 0 ? undefined : this.#oneOf(TICKETS);
      const text = `${key} under "${ticket}", bad ${badNonce}, instead of "${takeoverOf}"`;
      return { text, key, ticket, wish: { ttl: this.#ttlOf(ticket), badNonce, takeoverOf } };
    });
    return {
      text: `ask for ${wishes.map(({ text }) => text).join(' and ')}`,
      run: async ({ store }) => {
        const replies = await store.tickets(
          wishes.map(({ key, ticket, wish }) => [key, ticket, wish]),
        );
        return replies.map((reply) =>
          reply.kind === 'value' ? Buffer.from(reply.entry.bytes).toString('hex') : reply,
        );
      },
    };
  }

  #fills(): RandomStep {
    const fills = Array.from({ length: 1 + this.#below(2) }, () => {
      const write = this.#write();
      return { ...write, ticket: this.#ticketFor(write.key) };
    });
    return {
      text: `fill ${fills.map(({ text, ticket }) => `${text} under "${ticket}"`).join(' and ')}`,
      run: ({ store }) =>
        store.fills(fills.map(({ key, bytes, ticket, ttl }) => [key, bytes, ticket, ttl])),
    };
  }

  #settle(): RandomStep {
    const { text, key, bytes, ttl } = this.#write();
    const ticket = this.#ticketFor(key);
    return {
      text: `settle ${text} under "${ticket}"`,
      run: ({ store }) => store.settle(key, bytes, ticket, ttl),
    };
  }

  #begin(): RandomStep {
    const [key, ticket] = this.#newTicket();
    return {
      text: `begin ${key} under "${ticket}"`,
      run: ({ store }) => store.begin(key, ticket, this.#ttlOf(ticket)),
    };
  }

  #onTicket(method: 'renew' | 'release'): RandomStep {
    const key = this.#key();
    const ticket = this.#ticketFor(key);
    return {
      text: `${method} "${ticket}" of ${key}`,
      run: ({ store }) =>
        method === 'renew'
          ? store.renew(key, ticket, this.#ttlOf(ticket))
          : store.release(key, ticket),
    };
  }

  #bump(): RandomStep {
    const members = [...new Set([this.#oneOf(MEMBERS), this.#oneOf(MEMBERS)])];
    return {
      text: `bump ${members.join(' and ')}`,
      run: async ({ store, numbers }) => {
        const { prev, seq } = await store.bump(members);
        const after = numbers.indexOf(prev);
        numbers.push(seq);
        return { after, rises: seq > prev };
      },
    };
  }

  #news(): RandomStep {
    return {
      text: 'read the news',
      run: async (side) => {
        const { facts, drops, gap, seq, position } = await side.store.news(side.position);
        side.position = position;
        return {
          facts: facts
            .map((fact) => `${side.numbers.indexOf(fact.seq)} ${fact.kind}:${fact.name}`)
            .toSorted(),
          drops: [...new Set(drops)].toSorted(),
          gap,
          seq: side.numbers.indexOf(seq),
        };
      },
    };
  }

  #write(): { text: string; key: string; bytes: Uint8Array; ttl: number } {
    this.#written++;
    const [key, ttl] = [this.#key(), this.#oneOf(this.#lifetimes)];
    const number = this.#written % NONCES;
    return {
      text: `${key} to value ${this.#written} (nonce ${number}) for ${ttl} ms`,
      key,
      bytes: envelope(key, `value ${this.#written}`, number),
      ttl,
    };
  }

  #newTicket(): readonly [key: string, ticket: string] {
    const [key, ticket] = [this.#key(), this.#oneOf(TICKETS)];
    this.#asked.set(key, ticket);
    return [key, ticket];
  }

  /** Mostly one that may stand. */
  #ticketFor(key: string): string {
    return (this.#below(4) > 0 ? this.#asked.get(key) : undefined) ?? this.#oneOf(TICKETS);
  }

  #ttlOf(ticket: string): number {
    return ticket.startsWith('short') ? this.#short : LONG;
  }

  #key(): string {
    return this.#oneOf(this.#keys);
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
