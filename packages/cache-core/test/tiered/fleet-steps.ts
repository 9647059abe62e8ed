import type { FaultOptions, OnAbort, StoreOperation, WriteOperation } from '../../src/testing.ts';

/** Keys that every instance may change, all of them tagged {@link TAG}. */
export const SHARED_KEYS = ['a', 'b'] as const;
/** The key that only the first instance changes, so that `set` is promised to be right. */
export const OWN_KEY = 'own';
export const KEYS = [...SHARED_KEYS, OWN_KEY] as const;
export const TAG = 't';

export type SharedKey = (typeof SHARED_KEYS)[number];
export type Key = (typeof KEYS)[number];
/** How a change of the database is told to the cache. */
export type Via = 'delete' | 'tags' | 'pattern' | 'clear' | 'where';
/** A tag that nothing carries: its invalidation only moves the ledger. */
export const OTHER_TAG = 'other';

/** How held messages are delivered. */
export type Arrangement = 'in order' | 'reversed' | 'twice';

/** Steps of worlds with a bus, with servers that fail over, or with stores of the instances' own. */
export type BusStep =
  | { readonly do: 'cut' | 'blackHole' | 'restore' | 'holdBus'; readonly at: number }
  | { readonly do: 'releaseBus'; readonly at: number; readonly arrange: Arrangement }
  | { readonly do: 'lose messages'; readonly at: number; readonly count: number }
  | { readonly do: 'delay'; readonly at: number; readonly by: number }
  | { readonly do: 'failPublish'; readonly at: number; readonly applied: boolean }
  | {
      readonly do: 'holdNarrow';
      readonly at: number;
      readonly operation: StoreOperation;
      readonly when: 'before' | 'after';
    }
  /** A new process takes the place of a dead one, on the disk that it has left. */
  | { readonly do: 'revive'; readonly at: number }
  /** The replica of the server has everything up to now. */
  | { readonly do: 'replicate' }
  /** The replica takes over; or the server is begun anew with what the replica has. */
  | { readonly do: 'replace'; readonly how: 'failover' | 'restart' };

/** One step of a schedule. `at` is the instance. */
export type Step =
  | BusStep
  | { readonly do: 'get'; readonly at: number; readonly key: Key }
  | {
      readonly do: 'load';
      readonly at: number;
      readonly key: Key;
      readonly slow: boolean;
      readonly lateTag: boolean;
    }
  | { readonly do: 'change'; readonly at: number; readonly key: SharedKey; readonly via: Via }
  | { readonly do: 'set' }
  | { readonly do: 'bump another tag'; readonly at: number }
  | { readonly do: 'writeThrough'; readonly at: number; readonly key: Key; readonly slow: boolean }
  /** Lets the loader or database write that has waited longest (or shortest) go on. */
  | { readonly do: 'proceed'; readonly newest: boolean }
  | {
      readonly do: 'hold';
      readonly at: number;
      readonly operation: StoreOperation;
      readonly when: 'before' | 'after';
      readonly onAbort: OnAbort;
      /** Whether later calls for the key are applied first, as on a lost connection. */
      readonly overtaken?: boolean;
      /** @default 2 */
      readonly times?: number;
    }
  | { readonly do: 'release'; readonly at: number }
  | {
      readonly do: 'fail';
      readonly at: number;
      readonly operation: StoreOperation | undefined;
      readonly options: FaultOptions;
    }
  | {
      readonly do: 'unknown';
      readonly at: number;
      readonly operation: WriteOperation;
      readonly applied: boolean;
    }
  | { readonly do: 'freeze' | 'thaw'; readonly at: number }
  /** The process is gone; nothing of what it was about to do happens. The last one stays. */
  | { readonly do: 'crash'; readonly at: number }
  | { readonly do: 'lose'; readonly what: 'ledger' | 'drops' | 'value' | 'ticket' }
  | { readonly do: 'advance'; readonly by: number }
  /** Lets promises go on: all the way, or a few steps. */
  | { readonly do: 'turn' }
  | { readonly do: 'ticks'; readonly count: number };
