import type { StoreCall, StoreWrite, WriteResult } from '../contracts/cache-store.ts';
import type {
  BumpReply,
  LedgerDelta,
  LedgerMember,
  LedgerPosition,
  StoreFencing,
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

  ticket(key: string, request: TicketRequest, call: StoreCall): Promise<TicketReply> {
    return this.#control.pass({
      operation: 'ticket',
      keys: [key],
      args: [key, request],
      call,
      apply: (inner) => this.#inner.ticket(key, request, inner),
    });
  }

  renew(key: string, ticket: string, ttl: number, call: StoreCall): Promise<boolean> {
    return this.#control.pass({
      operation: 'renew',
      keys: [key],
      args: [key, ticket, ttl],
      call,
      apply: (inner) => this.#inner.renew(key, ticket, ttl, inner),
    });
  }

  release(key: string, ticket: string, call: StoreCall): Promise<boolean> {
    return this.#control.pass({
      operation: 'release',
      keys: [key],
      args: [key, ticket],
      call,
      apply: (inner) => this.#inner.release(key, ticket, inner),
    });
  }

  fill(entry: StoreWrite, ticket: string, call: StoreCall): Promise<WriteResult> {
    return this.#control.pass<WriteResult>({
      operation: 'fill',
      keys: [entry.key],
      args: [entry, ticket],
      call,
      apply: (inner) => this.#inner.fill(entry, ticket, inner),
      unknown: () => 'unknown',
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

  settle(entry: StoreWrite, ticket: string, call: StoreCall): Promise<WriteResult> {
    return this.#control.pass<WriteResult>({
      operation: 'settle',
      keys: [entry.key],
      args: [entry, ticket],
      call,
      apply: (inner) => this.#inner.settle(entry, ticket, inner),
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
