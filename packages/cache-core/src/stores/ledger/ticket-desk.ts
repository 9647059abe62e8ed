import { abortable, createDeferred, type Clock, type Timer } from '@perf/core';
import type { WriteResult } from '../../contracts/cache-store.ts';
import type {
  StoreFencing,
  TicketedWrite,
  TicketRef,
  TicketReply,
  TicketRequest,
} from '../../contracts/store-fencing.ts';
import type { StoreGate } from '../store-gate.ts';
import { TurnBatcher } from '../batching/turn-batcher.ts';

/** Milliseconds that a ticket stands unless it is renewed. */
export const TICKET_TTL = 10_000;
const RENEW_AFTER = TICKET_TTL / 3;

/** A ticket that is being renewed. */
export interface KeptTicket {
  /** It is renewed no more. Idempotent. */
  readonly end: () => void;
  /** Whether it was found to be gone when it was to be renewed: taken over, or displaced. */
  readonly isLost: () => boolean;
}

/**
 * Takes tickets, keeps them, stores under them and gives them back, for the keys of one turn of the event loop
 * together. `undefined` wherever the store is out of reach; the gate has reported why.
 */
export class TicketDesk {
  readonly #requests: TurnBatcher<TicketRequest, TicketReply | undefined>;
  readonly #releases: TurnBatcher<TicketRef, boolean | undefined>;
  readonly #fills: TurnBatcher<TicketedWrite, WriteResult | undefined>;
  readonly #renew: (tickets: readonly TicketRef[]) => Promise<readonly (boolean | undefined)[]>;
  readonly #clock: Clock;
  /** The tickets that are to stand, with the time of their next renewal, in the order of it. */
  readonly #kept = new Map<TicketRef, number>();
  /** Those that were not there when they were to be renewed. */
  readonly #lost = new WeakSet<TicketRef>();
  /** Who waits for the end of a ticket of somebody else. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(gate: StoreGate, fencing: StoreFencing, clock: Clock) {
    this.#clock = clock;
    this.#requests = new TurnBatcher((requests) =>
      gate.askMany(
        'ticketMany',
        requests,
        ({ key }) => key,
        (some, call) => fencing.ticketMany(some, call),
        ({ kind }) => kind === 'value',
      ),
    );
    this.#renew = (tickets) =>
      gate.callMany('renewMany', tickets, (some, call) =>
        fencing.renewMany(some, TICKET_TTL, call),
      );
    this.#releases = new TurnBatcher((tickets) =>
      gate.callMany('releaseMany', tickets, (some, call) => fencing.releaseMany(some, call)),
    );
    this.#fills = new TurnBatcher((entries) =>
      gate.callMany('fillMany', entries, (some, call) => fencing.fillMany(some, call)),
    );
  }

  /** `undefined` also when the store must not be asked for this key. */
  request(request: Omit<TicketRequest, 'ttl'>): Promise<TicketReply | undefined> {
    return this.#requests.add({ ...request, ttl: TICKET_TTL });
  }

  /** Renews the ticket every third of its life, until it is ended. */
  keep(ticket: TicketRef): KeptTicket {
    this.#kept.set(ticket, this.#clock.now() + RENEW_AFTER);
    this.#watch();
    return {
      end: () => {
        this.#kept.delete(ticket);
        if (this.#kept.size === 0) this.#watch();
      },
      isLost: () => this.#lost.has(ticket),
    };
  }

  /** Resolves when the load under a ticket of somebody else is said to be over, or after the pause. */
  async wait(ticket: string, pause: number, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(ticket) ?? new Set();
    this.#waiting.set(ticket, waiting);
    const ended = createDeferred();
    waiting.add(ended.resolve);
    const timer = this.#clock.setTimer(ended.resolve, pause, { keepAlive: true });
    try {
      await abortable(ended.promise, signal);
    } finally {
      timer.cancel();
      waiting.delete(ended.resolve);
      if (waiting.size === 0) this.#waiting.delete(ticket);
    }
  }

  /** Loads of other instances are over. */
  ended(tickets: readonly string[]): void {
    for (const ticket of tickets) for (const wake of this.#waiting.get(ticket) ?? []) wake();
  }

  /** Renews nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#kept.clear();
    this.#watch();
  }

  release(ticket: TicketRef): Promise<boolean | undefined> {
    return this.#releases.add(ticket);
  }

  fill(entry: TicketedWrite): Promise<WriteResult | undefined> {
    return this.#fills.add(entry);
  }

  /** One timer, for the ticket that is due first. */
  #watch(): void {
    const [first] = this.#kept.values();
    if (first === undefined || this.#stopped) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    this.#timer ??= this.#clock.setTimer(
      () => {
        this.#timer = undefined;
        void this.#renewDue();
      },
      Math.max(1, first - this.#clock.now()),
    );
  }

  async #renewDue(): Promise<void> {
    const now = this.#clock.now();
    const due: TicketRef[] = [];
    for (const [ticket, time] of this.#kept) {
      if (time > now) break;
      due.push(ticket);
    }
    for (const ticket of due) {
      this.#kept.delete(ticket);
      this.#kept.set(ticket, now + RENEW_AFTER);
    }
    this.#watch();
    const stand = await this.#renew(due);
    // One that lapses while the store is out of reach only costs the fill.
    for (const [index, ticket] of due.entries()) {
      if (stand[index] !== false) continue;
      this.#kept.delete(ticket);
      this.#lost.add(ticket);
    }
    this.#watch();
  }
}
