import { ManualClock } from '@perf/core/testing';
import type {
  CacheStore,
  StoreCall,
  StoreWrite,
  WriteResult,
} from '../../../src/contracts/cache-store.ts';
import type {
  StoreFencing,
  TicketReply,
  TicketRequest,
} from '../../../src/contracts/store-fencing.ts';
import {
  createReferenceBackend,
  type ReferenceBackend,
} from '../../../src/testing/reference-backend.ts';
import { createBusHub, type BusHub } from '../../../src/testing/bus-hub.ts';
import { referenceBus } from '../../../src/testing/reference-bus.ts';
import type { LedgerLimits } from '../../../src/testing/reference-ledger.ts';
import {
  referenceStore,
  type ReferenceStoreOptions,
} from '../../../src/testing/reference-store.ts';
import type { StoreSubject, StoreTraits } from '../../../src/testing/suite/store-check.ts';

/** The fencing of a store, one key a call. */
export interface KeyFencing extends Pick<StoreFencing, 'begin' | 'bump' | 'delta'> {
  ticket(key: string, request: Omit<TicketRequest, 'key'>, given: StoreCall): Promise<TicketReply>;
  renew(key: string, ticket: string, ttl: number, given: StoreCall): Promise<boolean>;
  release(key: string, ticket: string, given: StoreCall): Promise<boolean>;
  fill(entry: StoreWrite, ticket: string, given: StoreCall): Promise<WriteResult>;
  settle(entry: StoreWrite, ticket: string, given: StoreCall): Promise<WriteResult>;
}

/** What an alteration has to work with. */
export interface Original {
  readonly store: CacheStore;
  readonly fencing: KeyFencing;
  readonly backend: ReferenceBackend;
  readonly clock: ManualClock;
  readonly hub: BusHub;
  /** 1 for the first handle on the data, 2 for the next. */
  readonly handle: number;
}

export type AlterStore = (original: Original) => Partial<CacheStore>;
export type AlterFencing = (original: Original) => Partial<KeyFencing>;

/** A store that breaks one rule, and the topic of the suite that has to notice. */
export interface Alteration {
  readonly breaks: string;
  readonly topic: string;
  readonly options?: ReferenceStoreOptions;
  /** Whether it announces on a bus. */
  readonly announces?: boolean;
  readonly store?: AlterStore;
  readonly fencing?: AlterFencing;
  readonly backend?: (backend: ReferenceBackend) => void;
  /** What the ledger forgets by. */
  readonly ledger?: Partial<LedgerLimits>;
}

/** An alteration without its topic. */
type Untitled = Omit<Alteration, 'topic'>;

export function under(topic: string, alterations: readonly Untitled[]): readonly Alteration[] {
  return alterations.map((alteration) => ({ ...alteration, topic }));
}

const DROPS_KEPT = 1000;

/** A call that nobody gives up. */
export const call: StoreCall = { signal: new AbortController().signal };

/** The original with some methods replaced; the others keep their `this`. */
export function altered<T extends object>(original: T, changes: Partial<T>): T {
  return new Proxy(original, {
    get(target, name): unknown {
      if (Object.hasOwn(changes, name)) return Reflect.get(changes, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function byKey(fencing: StoreFencing): KeyFencing {
  const only = async <T>(answers: Promise<readonly T[]>): Promise<T> => (await answers)[0] as T;
  return {
    ticket: (key, request, given) => only(fencing.ticketMany([{ ...request, key }], given)),
    renew: (key, ticket, ttl, given) => only(fencing.renewMany([{ key, ticket }], ttl, given)),
    release: (key, ticket, given) => only(fencing.releaseMany([{ key, ticket }], given)),
    fill: (entry, ticket, given) => only(fencing.fillMany([{ ...entry, ticket }], given)),
    settle: (entry, ticket, given) => fencing.settle({ ...entry, ticket }, given),
    begin: (...args) => fencing.begin(...args),
    bump: (...args) => fencing.bump(...args),
    delta: (...args) => fencing.delta(...args),
  };
}

/** The batches that such methods for one key amount to. */
export function inBatches({
  ticket,
  renew,
  release,
  fill,
  settle,
  ...rest
}: Partial<KeyFencing>): Partial<StoreFencing> {
  const each = <Item, Answer>(
    items: readonly Item[],
    one: (item: Item) => Promise<Answer>,
  ): Promise<readonly Answer[]> => Promise.all(items.map(one));
  return {
    ...rest,
    ...(ticket && {
      ticketMany: (requests, given) => each(requests, (one) => ticket(one.key, one, given)),
    }),
    ...(renew && {
      renewMany: (tickets, ttl, given) =>
        each(tickets, (one) => renew(one.key, one.ticket, ttl, given)),
    }),
    ...(release && {
      releaseMany: (tickets, given) => each(tickets, (one) => release(one.key, one.ticket, given)),
    }),
    ...(fill && {
      fillMany: (entries, given) => each(entries, (one) => fill(one, one.ticket, given)),
    }),
    ...(settle && { settle: (entry, given) => settle(entry, entry.ticket, given) }),
  };
}

export function traitsOf({ options = {}, announces = false }: Alteration): StoreTraits {
  const { drops = !announces } = options;
  const hub = announces ? { hub: createBusHub() } : {};
  const { capabilities } = referenceStore({ ...options, ...hub });
  return { capabilities, drops, dropsKept: DROPS_KEPT };
}

export function subjectOf({
  options = {},
  ledger = {},
  announces = false,
  ...alter
}: Alteration): StoreSubject {
  const clock = new ManualClock();
  const hub = createBusHub({ clock });
  const announcing = announces ? { hub } : {};
  const backend = createReferenceBackend({ clock, dropsKept: DROPS_KEPT, ledger });
  alter.backend?.(backend);
  let handles = 0;
  const open = (): CacheStore => {
    const inner = referenceStore({ ...options, ...announcing, backend });
    if (inner.fencing === undefined) throw new TypeError('no fencing to alter');
    handles++;
    const fencing = byKey(inner.fencing);
    const original = { store: inner, fencing, backend, clock, hub, handle: handles };
    const changes = {
      ...(alter.fencing === undefined
        ? {}
        : { fencing: altered(inner.fencing, inBatches(alter.fencing(original))) }),
      ...alter.store?.(original),
    };
    return altered(inner, changes);
  };
  return {
    store: open(),
    advance: (milliseconds) => {
      clock.advance(milliseconds);
    },
    second: open,
    reopen: open,
    bus: () => referenceBus({ hub }),
    cleanup: () => {},
  };
}
