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
import type { Limits } from '../entries/limits.ts';
import { readResults } from '../entries/write-results.ts';
import type { StoreEvents } from '../events.ts';
import type { KeySpace } from '../keys/key-space.ts';
import { asBuffer, entryOf, itemsOf, lifetime } from '../scripts/reply.ts';
import type { ScriptRunner } from '../batching/script-runner.ts';
import { BEGIN, FILL, RELEASE, RENEW, SETTLE, TICKET } from '../scripts/ticket-scripts.ts';
import type { Ledger } from './ledger.ts';

/** The kinds of answers of {@link TICKET}. */
const VALUE = 1;
const HELD = 2;
const NO_ROOM = 3;

const NONCE = /^[\da-f]{16}$/;

/** Tickets and ledger of one store; what concerns one key is one script. */
export class Fencing implements StoreFencing {
  readonly #runner: ScriptRunner;
  readonly #space: KeySpace;
  readonly #limits: Limits;
  readonly #events: StoreEvents;
  readonly #ledger: Ledger;

  constructor(
    runner: ScriptRunner,
    space: KeySpace,
    limits: Limits,
    events: StoreEvents,
    ledger: Ledger,
  ) {
    this.#runner = runner;
    this.#space = space;
    this.#limits = limits;
    this.#events = events;
    this.#ledger = ledger;
  }

  async ticketMany(
    requests: readonly TicketRequest[],
    call: StoreCall,
  ): Promise<readonly TicketReply[]> {
    return this.#runner.runBatch<TicketRequest, TicketReply>(
      {
        operation: 'ticketMany',
        items: requests,
        keyOf: ({ key }) => key,
        command: (some) => ({
          script: TICKET,
          keys: this.#space.valuesAndTickets(some),
          args: some.flatMap(({ ticket, ttl, badNonce, takeoverOf }) => [
            nonceBytes(badNonce),
            ticket,
            String(ttl),
            takeoverOf ?? '',
          ]),
        }),
        read: (reply, some) => this.#readTickets(reply, some.length),
        // As one that is lost at once: what is loaded under it is not stored.
        failed: () => ({ kind: 'mine' }),
      },
      call,
    );
  }

  renewMany(
    tickets: readonly TicketRef[],
    ttl: number,
    call: StoreCall,
  ): Promise<readonly boolean[]> {
    return this.#runner.runBatch<TicketRef, boolean>(
      {
        operation: 'renewMany',
        items: tickets,
        keyOf: ({ key }) => key,
        command: (some) => ({
          script: RENEW,
          keys: some.map(({ key }) => this.#space.ticketOf(key)),
          args: [String(ttl), ...some.map(({ ticket }) => ticket)],
        }),
        read: readFlags,
        failed: () => false,
      },
      call,
    );
  }

  releaseMany(tickets: readonly TicketRef[], call: StoreCall): Promise<readonly boolean[]> {
    const { news } = call;
    return this.#runner.runBatch<TicketRef, boolean>(
      {
        operation: 'releaseMany',
        items: tickets,
        keyOf: ({ key }) => key,
        command: (some) => {
          const names = some.map(({ ticket }) => ticket);
          return {
            script: RELEASE,
            keys: some.map(({ key }) => this.#space.ticketOf(key)),
            args: [news?.channel ?? '', news?.ended(names) ?? '', ...names],
          };
        },
        read: readFlags,
        failed: () => false,
      },
      call,
    );
  }

  fillMany(entries: readonly TicketedWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    const { news } = call;
    return this.#limits.storeFitting(entries, (fitting) =>
      this.#runner.runBatch<TicketedWrite, WriteResult>(
        {
          operation: 'fillMany',
          items: fitting,
          keyOf: ({ key }) => key,
          sizeOf: ({ bytes }) => bytes.length,
          command: (some) => ({
            script: FILL,
            keys: this.#space.valuesAndTickets(some),
            args: [
              news?.channel ?? '',
              news?.ended(some.map(({ ticket }) => ticket)) ?? '',
              ...some.flatMap(({ ticket, bytes, ttl }) => [ticket, asBuffer(bytes), lifetime(ttl)]),
            ],
          }),
          read: (reply) => readResults('fillMany', itemsOf(reply), this.#events),
          failed: () => 'unknown',
        },
        call,
      ),
    );
  }

  async begin(key: string, ticket: string, ttl: number, call: StoreCall): Promise<void> {
    const { news } = call;
    await this.#runner.run(
      'begin',
      ({ script }) =>
        script({
          script: BEGIN,
          keys: this.#space.valuesAndTickets([{ key }]),
          args: [news?.channel ?? '', news?.drop([key]) ?? '', ticket, String(ttl)],
        }),
      call,
    );
  }

  async settle(entry: TicketedWrite, call: StoreCall): Promise<WriteResult> {
    const { news } = call;
    const { key, ticket, bytes, ttl } = entry;
    const fits = this.#limits.fits(entry);
    const answer = await this.#runner.run(
      'settle',
      ({ script }) =>
        script({
          script: SETTLE,
          keys: this.#space.valuesAndTickets([entry]),
          args: [
            news?.channel ?? '',
            news?.drop([key]) ?? '',
            news?.ended([ticket]) ?? '',
            ticket,
            lifetime(ttl),
            ...(fits ? [asBuffer(bytes)] : []),
          ],
        }),
      call,
    );
    const [result = 'refused'] = readResults('settle', [answer], this.#events);
    return result;
  }

  bump(members: readonly LedgerMember[], reached: number, call: StoreCall): Promise<BumpReply> {
    return this.#ledger.bump(members, reached, call);
  }

  delta(position: LedgerPosition, call: StoreCall): Promise<LedgerDelta> {
    return this.#ledger.delta(position, call);
  }

  #readTickets(reply: unknown, count: number): readonly TicketReply[] {
    const items = itemsOf(reply);
    let refused = 0;
    const replies = Array.from({ length: count }, (_, index): TicketReply => {
      const kind = Number(items[3 * index]);
      const payload = items[3 * index + 1];
      if (kind === VALUE) return { kind: 'value', entry: entryOf(payload, items[3 * index + 2]) };
      if (kind === HELD) return { kind: 'held', ticket: String(payload) };
      if (kind === NO_ROOM) refused++;
      return { kind: 'mine' };
    });
    if (refused > 0) this.#events.emit('full', { operation: 'ticketMany', entries: refused });
    return replies;
  }
}

function readFlags(reply: unknown): readonly boolean[] {
  return itemsOf(reply).map((one) => Number(one) === 1);
}

/** As the envelope has it; nothing for what cannot be a nonce. */
function nonceBytes(nonce: string | undefined): Buffer | string {
  return nonce !== undefined && NONCE.test(nonce) ? Buffer.from(nonce, 'hex') : '';
}
