import { ManualClock } from '@perf/core/testing';
import type { CacheStore, StoreCall } from '../../../src/contracts/cache-store.ts';
import type { StoreFencing } from '../../../src/contracts/store-fencing.ts';
import {
  createReferenceBackend,
  type ReferenceBackend,
} from '../../../src/testing/reference-backend.ts';
import type { LedgerLimits } from '../../../src/testing/reference-ledger.ts';
import {
  referenceStore,
  type ReferenceStoreOptions,
} from '../../../src/testing/reference-store.ts';
import type { StoreSubject, StoreTraits } from '../../../src/testing/suite/store-check.ts';

/** What an alteration has to work with. */
export interface Original {
  readonly store: CacheStore;
  readonly fencing: StoreFencing;
  readonly backend: ReferenceBackend;
  readonly clock: ManualClock;
  /** 1 for the first handle on the data, 2 for the next. */
  readonly handle: number;
}

export type AlterStore = (original: Original) => Partial<CacheStore>;
export type AlterFencing = (original: Original) => Partial<StoreFencing>;

/** A store that breaks one rule, and the topic of the suite that has to notice. */
export interface Alteration {
  readonly breaks: string;
  readonly topic: string;
  readonly options?: ReferenceStoreOptions;
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

export function traitsOf({ options = {} }: Alteration): StoreTraits {
  const { drops = true } = options;
  return { capabilities: referenceStore(options).capabilities, drops, dropsKept: DROPS_KEPT };
}

export function subjectOf({ options = {}, ledger = {}, ...alter }: Alteration): StoreSubject {
  const clock = new ManualClock();
  const backend = createReferenceBackend({ clock, dropsKept: DROPS_KEPT, ledger });
  alter.backend?.(backend);
  let handles = 0;
  const open = (): CacheStore => {
    const inner = referenceStore({ ...options, backend });
    if (inner.fencing === undefined) throw new TypeError('no fencing to alter');
    handles++;
    const original = { store: inner, fencing: inner.fencing, backend, clock, handle: handles };
    const changes = {
      ...(alter.fencing === undefined
        ? {}
        : { fencing: altered(inner.fencing, alter.fencing(original)) }),
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
    cleanup: () => {},
  };
}
