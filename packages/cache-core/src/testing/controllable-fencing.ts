import type { StoreCall, WriteResult } from '../contracts/cache-store.ts';
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
import type { CallControl } from './call-control.ts';

/** The fencing of a controllable store: each call goes through its control. */
export class ControllableFencing implements StoreFencing {
  readonly #inner: StoreFencing;
  readonly #control: CallControl;

  constructor(inner: StoreFencing, control: CallControl) {
    this.#inner = inner;
    this.#control = control;
  }

  ticketMany(requests: readonly TicketRequest[], call: StoreCall): Promise<readonly TicketReply[]> {
    return this.#control.pass({
      operation: 'ticketMany',
      keys: keysOf(requests),
      args: [requests],
      call,
      apply: (inner) => this.#inner.ticketMany(requests, inner),
    });
  }

  renewMany(
    tickets: readonly TicketRef[],
    ttl: number,
    call: StoreCall,
  ): Promise<readonly boolean[]> {
    return this.#control.pass({
      operation: 'renewMany',
      keys: keysOf(tickets),
      args: [tickets, ttl],
      call,
      apply: (inner) => this.#inner.renewMany(tickets, ttl, inner),
    });
  }

  releaseMany(tickets: readonly TicketRef[], call: StoreCall): Promise<readonly boolean[]> {
    return this.#control.pass({
      operation: 'releaseMany',
      keys: keysOf(tickets),
      args: [tickets],
      call,
      apply: (inner) => this.#inner.releaseMany(tickets, inner),
    });
  }

  fillMany(entries: readonly TicketedWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    return this.#control.pass<readonly WriteResult[]>({
      operation: 'fillMany',
      keys: keysOf(entries),
      args: [entries],
      call,
      apply: (inner) => this.#inner.fillMany(entries, inner),
      unknown: () => entries.map(() => 'unknown'),
    });
  }

  begin(key: string, ticket: string, ttl: number, call: StoreCall): Promise<void> {
    return this.#control.pass({
      operation: 'begin',
      keys: [key],
      args: [key, ticket, ttl],
      call,
      apply: (inner) => this.#inner.begin(key, ticket, ttl, inner),
    });
  }

  settle(entry: TicketedWrite, call: StoreCall): Promise<WriteResult> {
    return this.#control.pass<WriteResult>({
      operation: 'settle',
      keys: [entry.key],
      args: [entry],
      call,
      apply: (inner) => this.#inner.settle(entry, inner),
      unknown: () => 'unknown',
    });
  }

  bump(members: readonly LedgerMember[], reached: number, call: StoreCall): Promise<BumpReply> {
    return this.#control.pass({
      operation: 'bump',
      args: [members, reached],
      call,
      apply: (inner) => this.#inner.bump(members, reached, inner),
    });
  }

  delta(position: LedgerPosition, call: StoreCall): Promise<LedgerDelta> {
    return this.#control.pass({
      operation: 'delta',
      args: [position],
      call,
      apply: (inner) => this.#inner.delta(position, inner),
    });
  }
}

function keysOf(items: readonly { readonly key: string }[]): readonly string[] {
  return items.map(({ key }) => key);
}
